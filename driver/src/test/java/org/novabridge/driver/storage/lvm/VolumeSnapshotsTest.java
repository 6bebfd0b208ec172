package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.storage.Progress;

/** How the picture of a thick volume goes: its store holds what the guest had on its disk. */
class VolumeSnapshotsTest {
    private static final String ID = "99999999-aaaa-4bbb-8ccc-000000000009";
    private static final String PICTURE = "nb-snap-" + ID;
    private static final String PART = "lvconvert --yes --splitsnapshot nova/" + PICTURE;
    private static final String WRITABLE = "lvchange --yes --permission rw nova/" + PICTURE;

    private final RecordingExecutor executor = new RecordingExecutor();

    /** LVM's attributes of the picture, now. */
    private String attributes = "";

    private VolumeSnapshots snapshots(LvmSettings.Clear clear) {
        executor.printing("vgs", Recorded.group(1L << 33, "", 0))
                .on(
                        "lvs",
                        command -> RecordingExecutor.result(
                                command, 0, Recorded.volumes(PICTURE, "4194304", "", attributes), ""))
                .doing("lvconvert", command -> attributes = "-ri-a-----")
                .doing("lvchange --yes --permission rw", command -> attributes = "-wi-a-----");
        LvmSettings settings = Recorded.settings(clear, 0, false, false);
        LockedGroup group = new LockedGroup(executor, settings);
        LvmCommands commands = new LvmCommands(settings.alarmAfter());
        return new VolumeSnapshots(
                group, commands, new RetiredVolumes(settings, commands, group, new Eraser(executor, settings)));
    }

    /** Whole, or overrun by its guest. */
    @ParameterizedTest
    @CsvSource({"sri-a-s---", "sri-I-s---"})
    void itsStoreIsWipedAsTheDiskWouldBe(String before) {
        attributes = before;
        snapshots(LvmSettings.Clear.ZERO).remove(ID, Progress.NONE);
        assertThat(Recorded.changes(executor))
                .satisfiesExactly(
                        part -> assertThat(part).isEqualTo(PART),
                        writable -> assertThat(writable).isEqualTo(WRITABLE),
                        rename -> assertThat(rename).startsWith("lvrename --yes nova " + PICTURE + " nb-wipe-"),
                        wipe -> assertThat(wipe).startsWith("blkdiscard --zeroout"),
                        remove -> assertThat(remove).startsWith("lvremove --yes --force nova/nb-wipe-"));
    }

    @Test
    void oneThatABridgeHasLeftPartedIsMadeWritableAndWiped() {
        attributes = "-ri-a-----";
        snapshots(LvmSettings.Clear.ZERO).remove(ID, Progress.NONE);
        assertThat(Recorded.changes(executor))
                .startsWith(WRITABLE)
                .anySatisfy(line -> assertThat(line).startsWith("blkdiscard --zeroout"));

        executor.clear();
        attributes = "-wi-a-----";
        snapshots(LvmSettings.Clear.ZERO).remove(ID, Progress.NONE);
        assertThat(Recorded.changes(executor)).first().asString().startsWith("lvrename");
    }

    @Test
    void whereNothingIsWipedItGoesAtOnce() {
        attributes = "sri-I-s---";
        snapshots(LvmSettings.Clear.NONE).remove(ID, Progress.NONE);
        assertThat(Recorded.changes(executor)).containsExactly("lvremove --yes --force nova/" + PICTURE);
    }
}
