package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.Progress;

/**
 * What the picture of a thin volume asks of the pool. How that of a thick one goes: its store holds what the guest had on
 * its disk.
 */
class VolumeSnapshotsTest {
    private static final String ID = "99999999-aaaa-4bbb-8ccc-000000000009";
    private static final String PICTURE = "nb-snap-" + ID;
    private static final String PART = "lvconvert --yes --splitsnapshot nova/" + PICTURE;
    private static final String WRITABLE = "lvchange --yes --permission rw nova/" + PICTURE;

    private final RecordingExecutor executor = new RecordingExecutor();

    private final List<Long> promised = new ArrayList<>();
    private VolumeSnapshots.Promise promise = (disk, bytes) -> {
        promised.add(bytes);
        return PictureClaim.take("nova", disk.pool(), bytes);
    };

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
                group,
                commands,
                new RetiredVolumes(settings, commands, group, new Eraser(executor, settings)),
                promise);
    }

    private VolumeSnapshots ofThin(String attributes, String percent) {
        executor.printing(
                "lvs",
                Recorded.thin(Recorded.UUID + "_disk", 8 * Recorded.MIB)
                        .replace("Vwi-a-tz--", attributes)
                        .replace("100.00", percent));
        // Before the answers for a thick picture: the first that fits is given.
        return snapshots(LvmSettings.Clear.ZERO);
    }

    /** The guest may overwrite all that it has written, and the picture holds it then. */
    @ParameterizedTest
    @CsvSource({"Vwi-aotz--, 25.00, 2097152", "Vwi---tz--, '', 8388608"})
    void thatOfAThinVolumeIsPromisedWhatItMayComeToHoldAndSaysSo(String attributes, String percent, long most) {
        Recorded.picture(ofThin(attributes, percent), Recorded.UUID, ID);
        assertThat(promised).containsExactly(most);
        assertThat(Recorded.changes(executor))
                .containsExactly("lvcreate --yes --snapshot --permission r --setactivationskip y --addtag nb-allocated="
                        + most + " --name " + PICTURE + " nova/" + Recorded.UUID + "_disk");
    }

    @Test
    void aPoolThatCannotPromiseItTakesNoneAndSaysWhy() {
        promise = (disk, bytes) -> {
            throw new BridgeException(ErrorCode.STORAGE_FULL, "thin pool nova/nova-pool has promised all", "grow it");
        };
        DiskSnapshots.Choice choice = ofThin("Vwi-aotz--", "25.00").choose(Recorded.UUID, "disk", Function.identity());
        assertThat(choice.taking()).isNull();
        assertThat(choice.reason()).contains("thin pool nova/nova-pool has promised all");
    }

    /** 8 GiB are free: all of the disk, half of what is free, a fifth of the disk where that is more, and none. */
    @ParameterizedTest
    @CsvSource({"2, 2160066560", "6, 4294967296", "30, 6442450944", "50, 0"})
    void thatOfAThickVolumeLeavesRoomForDisksThatAreMadeMeanwhile(long gib, long store) {
        executor.printing("lvs", Recorded.volumes(Recorded.UUID + "_disk", Long.toString(gib << 30), "", "-wi-ao----"));
        VolumeSnapshots snapshots = snapshots(LvmSettings.Clear.ZERO);
        if (store == 0) {
            assertThat(snapshots
                            .choose(Recorded.UUID, "disk", Function.identity())
                            .taking())
                    .isNull();
            return;
        }
        Recorded.picture(snapshots, Recorded.UUID, ID);
        assertThat(Recorded.changes(executor)).singleElement().asString().contains("--size " + store + "b");
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
