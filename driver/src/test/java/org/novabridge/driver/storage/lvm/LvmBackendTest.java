package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.LaterWork;
import org.novabridge.driver.storage.Progress;

/** The command lines, in order, and what happens when one of them fails. */
class LvmBackendTest {
    private static final String VOLUME = Recorded.UUID + "_disk";
    private static final String DEVICE = "/dev/nova/" + VOLUME;
    private static final long MIB = Recorded.MIB;
    private static final CachedImage IMAGE = new CachedImage("i", Path.of("/n/_base/abc"), "qcow2", 10 * MIB + 512);

    private final RecordingExecutor executor = new RecordingExecutor();
    private final List<String> filled = new ArrayList<>();

    private LvmBackend backend(LvmSettings settings) {
        return new LvmBackend(
                executor,
                settings,
                (content, device, before, progress) ->
                        filled.add(content.getClass().getSimpleName() + " on " + device
                                + " that holds " + before + " after "
                                + Recorded.changes(executor).size() + " commands"));
    }

    private LvmBackend backend() {
        return backend(Recorded.settings());
    }

    private void group(String... volumes) {
        executor.printing("vgs", Recorded.group(8L << 30, "", 0)).printing("lvs", Recorded.volumes(volumes));
    }

    private static void code(ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void aRootDiskIsMadeZeroedBehindTheImageAndFilled() {
        executor.printing("vgs", Recorded.group(1L << 33, "", 0)).printing("lvs", Recorded.volumes());
        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 300 * MIB), Progress.NONE);
        assertThat(Recorded.changes(executor))
                .containsExactly(
                        "lvcreate --yes --wipesignatures y --zero y --type linear --size 314572800b --name " + VOLUME
                                + " nova --addtag nova-bridge",
                        "blkdiscard --zeroout --offset 10485760 --length 268435456 " + DEVICE,
                        "blkdiscard --zeroout --offset 278921216 --length 35651584 " + DEVICE);
        assertThat(filled).containsExactly("FromImage on " + DEVICE + " that holds UNKNOWN after 3 commands");
        assertThat(executor.lines())
                .filteredOn(line -> line.matches("(vgs|lvs|pvs) .*"))
                .hasSize(1);
        assertThat(executor.commands().stream().filter(c -> c.program().equals("lvcreate")))
                .allMatch(c -> c.effect() == Effect.MUST_FINISH);
        assertThat(executor.commands().stream().filter(c -> c.program().equals("blkdiscard")))
                .allMatch(c -> c.effect() == Effect.WRITES);
    }

    @Test
    void oneTenantNeedsNoZeroes() {
        group();
        executor.clear();
        backend(Recorded.settings(LvmSettings.Clear.ZERO, 0, true, false))
                .create(Recorded.UUID, "disk.swap", new DiskContent.Swap(MIB), Progress.NONE);
        assertThat(Recorded.changes(executor))
                .singleElement()
                .asString()
                .startsWith("lvcreate")
                .contains("4194304b");
        assertThat(filled)
                .containsExactly(
                        "Swap on /dev/nova/" + Recorded.UUID + "_disk.swap that holds UNKNOWN after 1 commands");
    }

    /** LVM is not asked beforehand: it refuses the name by itself, and nothing is undone that this create has not done. */
    @Test
    void anExistingVolumeIsLeftAlone() {
        executor.failing("lvcreate", 5, "  Logical Volume \"" + VOLUME + "\" already exists in volume group \"nova\"");
        group(VOLUME, "4194304", "", "-wi-a-----");
        assertThatThrownBy(() ->
                        backend().create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, null), Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED);
                    assertThat(e).hasMessageContaining("already exists").hasMessageContaining("left as it is");
                });
        assertThat(executor.lines()).hasSize(2).last().asString().startsWith("lvcreate");
        assertThat(filled).isEmpty();
    }

    @Test
    void aWholeVolumeOfNovasIsTakenOver() {
        group(VOLUME, "4194304", "", "-wi-ao----");
        backend().demandTakeable(Recorded.UUID, "disk", "raw");
        code(ErrorCode.INVALID_DISK_FORMAT, () -> backend().demandTakeable(Recorded.UUID, "disk", "qcow2"));
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aSparseVolumeOfNovasIsNotTakenOver() {
        group(VOLUME, "4194304", "", "swi-aos---");
        code(ErrorCode.STORAGE_FAILED, () -> backend().demandTakeable(Recorded.UUID, "disk", "raw"));
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    /** Its device has gone, and comes back with all that is on it. */
    @Test
    void whatAGroupHoldsThatIsNotThereIsNotTakenForRemoved() {
        executor.printing("vgs", Recorded.noGroup()).printing("lvs", Recorded.volumes());
        code(ErrorCode.VOLUME_GROUP_UNUSABLE, () -> backend().remove(Recorded.UUID, "disk", Progress.NONE));
        code(ErrorCode.VOLUME_GROUP_UNUSABLE, () -> backend().demandPlace());
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aMissingVolumeOfAGroupThatIsThereIsRemovedAlready() {
        group();
        backend().demandPlace();
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aFailureWhileFillingTakesTheNewVolumeAway() {
        executor.failing("blkdiscard", 1, "blkdiscard: BLKZEROOUT ioctl failed: Input/output error");
        group();
        code(
                ErrorCode.VOLUME_GROUP_UNUSABLE,
                () -> backend().create(Recorded.UUID, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE));
        assertThat(Recorded.changes(executor)).last().isEqualTo("lvremove --yes --force nova/" + VOLUME);
    }

    @Test
    void aFailedLvcreateRemovesNothing() {
        executor.failing("lvcreate", 5, "  Volume group \"nova\" has insufficient free space (1 extents): 2 required.");
        group();
        code(
                ErrorCode.STORAGE_FULL,
                () -> backend().create(Recorded.UUID, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE));
        assertThat(Recorded.changes(executor)).hasSize(1);
    }

    @Test
    void refusalsComeBeforeAnyChange() {
        executor.printing("vgs", Recorded.group(MIB, "", 0)).printing("lvs", Recorded.volumes());
        DiskContent blank = new DiskContent.Blank(8 * MIB);
        code(ErrorCode.STORAGE_FULL, () -> backend().create(Recorded.UUID, "disk", blank, Progress.NONE));
        code(
                ErrorCode.FLAVOR_DISK_SMALLER_THAN_IMAGE,
                () -> backend()
                        .create(Recorded.UUID, "disk", new DiskContent.FromImage(IMAGE, 10 * MIB), Progress.NONE));
        code(
                ErrorCode.INVALID_CONFIGURATION,
                () -> backend(Recorded.settings(LvmSettings.Clear.ZERO, 0, false, true))
                        .create(Recorded.UUID, "disk", blank, Progress.NONE));
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aMissingGroupAndMissingDevicesAreSaidWithTheirRemedy() {
        executor.printing("vgs", Recorded.noGroup());
        assertThatThrownBy(() -> backend().create(Recorded.UUID, "disk", new DiskContent.Blank(1), Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_GROUP_UNUSABLE);
                    assertThat(e).hasMessageContaining("nova").hasMessageContaining("images_volume_group");
                    assertThat(e.remedy()).contains("vg init");
                });
    }

    @Test
    void growingNotesWhatIsNotZeroedYetBeforeItGrows() {
        group(VOLUME, "8388608", "", "-wi-a-----");
        RecordingExecutor grown = executor;
        backend().grow(Recorded.UUID, "disk", 16 * MIB, Progress.NONE);
        assertThat(Recorded.changes(grown))
                .startsWith(
                        "lvchange --yes --addtag nb-clean-to=8388608 nova/" + VOLUME,
                        "lvextend --yes --size 16777216b nova/" + VOLUME);
    }

    @Test
    void growingToLessDoesNothing() {
        group(VOLUME, "8388608", "", "-wi-a-----");
        backend().grow(Recorded.UUID, "disk", 4 * MIB, Progress.NONE);
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void anInterruptedGrowthIsFinishedByTheNextCall() {
        group(VOLUME, "16777216", "nb-clean-to=8388608", "-wi-a-----");
        backend().grow(Recorded.UUID, "disk", 16 * MIB, Progress.NONE);
        assertThat(Recorded.changes(executor))
                .containsExactly(
                        "blkdiscard --zeroout --offset 8388608 --length 8388608 " + DEVICE,
                        "lvchange --yes --deltag nb-clean-to=8388608 nova/" + VOLUME);
    }

    @Test
    void aDiskIsRenamedWipedAndRemoved() {
        group(VOLUME, "8388608", "", "-wi-a-----");
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        List<String> changes = Recorded.changes(executor);
        assertThat(changes).hasSize(3);
        assertThat(changes.get(0)).matches("lvrename --yes nova " + VOLUME + " nb-wipe-[0-9a-f]{12}-" + VOLUME);
        String wiped = changes.get(0).substring(changes.get(0).lastIndexOf(' ') + 1);
        assertThat(changes.get(1)).isEqualTo("blkdiscard --zeroout --offset 0 --length 8388608 /dev/nova/" + wiped);
        assertThat(changes.get(2)).isEqualTo("lvremove --yes --force nova/" + wiped);
        // The zeroes are on the disk before anybody may be given the extents.
        assertThat(executor.lines())
                .containsSubsequence(changes.get(1), "sync --data /dev/nova/" + wiped, changes.get(2));
    }

    @Test
    void anInterruptedWipeGoesOnWhereItIsKnownToBeDone() {
        group("nb-wipe-1", "8388608", "nb-wiped-to=6291456", "-wi-a-----");
        backend().finishWipe("nb-wipe-1", Progress.NONE);
        assertThat(Recorded.changes(executor))
                .containsExactly(
                        "blkdiscard --zeroout --offset 6291456 --length 2097152 /dev/nova/nb-wipe-1",
                        "lvremove --yes --force nova/nb-wipe-1");
    }

    /** What was zeroed once is not what shred leaves. */
    @Test
    void anInterruptedWipeBeginsAnewWhenItIsToBeShredded() {
        group("nb-wipe-1", "8388608", "nb-wiped-to=6291456", "-wi-a-----");
        backend(Recorded.settings(LvmSettings.Clear.SHRED, 0, false, false)).finishWipe("nb-wipe-1", Progress.NONE);
        assertThat(Recorded.changes(executor)).first().isEqualTo("shred -n3 -s8388608 /dev/nova/nb-wipe-1");
    }

    /** An operator has renamed a half-wiped volume back, and its guest has written to it since. */
    @Test
    void aDiskThatWasGivenBackToItsGuestIsWipedFromItsStart() {
        group(VOLUME, "8388608", "nb-wiped-to=6291456", "-wi-a-----");
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        List<String> changes = Recorded.changes(executor);
        assertThat(changes.get(0)).isEqualTo("lvchange --yes --deltag nb-wiped-to=6291456 nova/" + VOLUME);
        assertThat(changes.get(2)).startsWith("blkdiscard --zeroout --offset 0 --length 8388608");
    }

    /** Who takes the wipe over has the volume to himself from its renaming on. */
    @Test
    void aWipeIsLeftToWhoTakesItOverOnceTheNameIsFree() {
        group(VOLUME, "8388608", "", "-wi-a-----");
        List<LaterWork> left = new ArrayList<>();
        backend().remove(Recorded.UUID, "disk", new Progress() {
            @Override
            public void report(String phase, double percent) {}

            @Override
            public boolean cancelled() {
                return false;
            }

            @Override
            public boolean leave(LaterWork work) {
                return left.add(work);
            }
        });
        LaterWork wipe = left.get(0);
        assertThat(Recorded.changes(executor)).containsExactly("lvrename --yes nova " + VOLUME + " " + wipe.volume());
        assertThat(WipeClaim.held("nova", wipe.volume())).isTrue();
        assertThat(WipeClaim.expected("nova", wipe.volume())).isTrue();

        wipe.finish(Progress.NONE);
        wipe.over();
        wipe.over();

        assertThat(Recorded.changes(executor).subList(1, 3))
                .containsExactly(
                        "blkdiscard --zeroout --offset 0 --length 8388608 /dev/nova/" + wipe.volume(),
                        "lvremove --yes --force nova/" + wipe.volume());
        assertThat(WipeClaim.held("nova", wipe.volume())).isFalse();
        assertThat(WipeClaim.expected("nova", wipe.volume())).isTrue();
    }

    @Test
    void theFormerNameIsLeftOutWhereDeviceMapperDoesNotTakeIt() {
        assertThat(LvmNames.wiped("nova", VOLUME, "0a")).isEqualTo("nb-wipe-0a-" + VOLUME);
        assertThat(LvmNames.wiped("n".repeat(70), VOLUME, "0a")).isEqualTo("nb-wipe-0a");
    }

    @Test
    void aDiskThatIsNotActiveIsActivatedForItsWipe() {
        group(VOLUME, "8388608", "", "-wi-------");
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Recorded.changes(executor))
                .hasSize(4)
                .first()
                .isEqualTo("lvchange --yes --activate y nova/" + VOLUME);
    }

    @Test
    void aVolumeThatIsBeingWipedIsNotWipedByASecond() {
        group("nb-wipe-1", "8388608", "", "-wi-a-----");
        assertThat(backend().interruptedWipes()).containsExactly("nb-wipe-1");
        executor.doing(
                "blkdiscard",
                command -> code(ErrorCode.VOLUMES_NOT_REMOVED, () -> backend().finishWipe("nb-wipe-1", Progress.NONE)));
        backend().finishWipe("nb-wipe-1", Progress.NONE);
        assertThat(Recorded.changes(executor))
                .containsExactly(
                        "blkdiscard --zeroout --offset 0 --length 8388608 /dev/nova/nb-wipe-1",
                        "lvremove --yes --force nova/nb-wipe-1");
    }

    @Test
    void volumeClearDecidesHowAndHowMuch() {
        group(VOLUME, "8388608", "", "-wi-a-----");
        backend(Recorded.settings(LvmSettings.Clear.SHRED, 2 * MIB, false, false))
                .remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Recorded.changes(executor).get(1)).startsWith("shred -n3 -s2097152 /dev/nova/nb-wipe-");
        executor.clear();
        backend(Recorded.settings(LvmSettings.Clear.NONE, 0, false, false))
                .remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Recorded.changes(executor)).containsExactly("lvremove --yes --force nova/" + VOLUME);
    }

    /** What Nova's sparse_logical_volumes has made: its virtual size is more than there is to write to. */
    @Test
    void aSparseVolumeIsRemovedWithoutAWipe() {
        group(VOLUME, "8388608", "", "swi-a-s---");
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Recorded.changes(executor)).containsExactly("lvremove --yes --force nova/" + VOLUME);
    }

    @Test
    void removingNothingIsDone() {
        group();
        backend().remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Recorded.changes(executor)).isEmpty();
    }

    @Test
    void aWipeThatFailsKeepsTheVolumeForTheNextStart() {
        executor.failing("blkdiscard", 1, "Input/output error");
        group(VOLUME, "8388608", "", "-wi-a-----");
        code(ErrorCode.VOLUMES_NOT_REMOVED, () -> backend().remove(Recorded.UUID, "disk", Progress.NONE));
        assertThat(Recorded.changes(executor)).noneMatch(line -> line.startsWith("lvremove"));
    }

    @Test
    void namesAreNovas() {
        assertThat(backend().locate(Recorded.UUID, "disk.eph0"))
                .isEqualTo(new DiskSource.BlockSource(Path.of("/dev/nova/" + Recorded.UUID + "_disk.eph0")));
        group(VOLUME, "1", "", "", Recorded.UUID + "_disk.swap", "1", "", "", "other", "1", "", "");
        assertThat(backend().list(Recorded.UUID)).containsExactly("disk", "disk.swap");
        assertThat(LvmCommands.mapperName("nova-1", VOLUME)).isEqualTo("nova--1-" + VOLUME.replace("-", "--"));
        for (String bad : List.of("", "-x", "a/b", "..", "a b", "a\nb")) {
            code(ErrorCode.INVALID_CONFIGURATION, () -> LvmNames.group(bad));
        }
    }
}
