package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.KeptDisks.Demand;
import org.novabridge.driver.storage.KeptDisks.Way;
import org.novabridge.driver.storage.Progress;

/** What disks were before a resize, on volumes: the commands, and what a bridge that dies between two of them leaves. */
class KeptVolumesTest {
    private static final String VOLUME = Recorded.UUID + "_disk";
    private static final String KEPT = "nb-keep-" + VOLUME;
    private static final String COPY = "nb-copy-" + VOLUME;
    private static final long MIB = Recorded.MIB;

    @TempDir
    Path state;

    private RememberedGroup group = new RememberedGroup(1L << 33);

    private VolumeBackend backend(boolean thin) {
        return group.backend(thin, state);
    }

    private KeptDisks kept(boolean thin) {
        return backend(thin).kept().orElseThrow();
    }

    private RememberedGroup fresh(boolean thin) {
        group = new RememberedGroup(1L << 33);
        if (thin) {
            group.thin(VOLUME, 8 * MIB, "old");
        } else {
            group.thick(VOLUME, 8 * MIB, "old");
        }
        return group;
    }

    private static void refused(
            ErrorCode code, String words, org.assertj.core.api.ThrowableAssert.ThrowingCallable of) {
        assertThatThrownBy(of).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e).hasMessageContaining(words);
        });
    }

    @Test
    void aThinDiskIsKeptAsASnapshotAndComesBackByItsName() {
        fresh(true);
        kept(true).keep(Recorded.UUID, "disk", Progress.NONE);
        backend(true).grow(Recorded.UUID, "disk", 16 * MIB, Progress.NONE);
        assertThat(kept(true).list(Recorded.UUID)).containsExactly("disk");
        kept(true).restore(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Recorded.changes(group.executor))
                .containsExactly(
                        "lvcreate --yes --snapshot --permission r --setactivationskip y --name " + KEPT + " nova/"
                                + VOLUME + " --addtag nova-bridge",
                        "lvextend --yes --size 16777216b nova/" + VOLUME,
                        "lvchange --yes --permission rw --setactivationskip n nova/" + KEPT,
                        "lvremove --yes --force nova/" + VOLUME,
                        "lvrename --yes nova " + KEPT + " " + VOLUME,
                        "lvchange --yes --activate y nova/" + VOLUME);
        assertThat(group.holds()).isEqualTo(Map.of(VOLUME, "old"));
    }

    @Test
    void aThickDiskIsCopiedAndItsGrownFormIsWiped() {
        fresh(false);
        kept(false).keep(Recorded.UUID, "disk", Progress.NONE);
        backend(false).grow(Recorded.UUID, "disk", 16 * MIB, Progress.NONE);
        assertThat(group.holds()).isEqualTo(Map.of(VOLUME, "old zero", KEPT, "old"));
        kept(false).restore(Recorded.UUID, "disk", Progress.NONE);
        List<String> changes = Recorded.changes(group.executor);
        assertThat(changes.subList(0, 2))
                .containsExactly(
                        "lvcreate --yes --wipesignatures y --zero y --type linear --size 8388608b --name " + COPY
                                + " nova --addtag nova-bridge",
                        "lvrename --yes nova " + COPY + " " + KEPT);
        // The disk has its name back before the wipe, which may take long.
        assertThat(changes.stream()
                        .map(line -> line.replaceAll(" .*", ""))
                        .filter(program -> !program.equals("lvchange"))
                        .toList())
                .containsExactly(
                        "lvcreate",
                        "lvrename",
                        "lvextend",
                        "blkdiscard",
                        "lvrename",
                        "lvrename",
                        "blkdiscard",
                        "lvremove");
        assertThat(group.holds()).isEqualTo(Map.of(VOLUME, "old"));
        assertThat(group.volumes).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void confirmingLeavesOneCopy(boolean thin) {
        fresh(thin);
        kept(thin).keep(Recorded.UUID, "disk", Progress.NONE);
        backend(thin).grow(Recorded.UUID, "disk", 16 * MIB, Progress.NONE);
        kept(thin).discard(Recorded.UUID, "disk", Progress.NONE);
        kept(thin).discard(Recorded.UUID, "disk", Progress.NONE);
        assertThat(group.holds()).isEqualTo(Map.of(VOLUME, "old zero"));
        assertThat(group.volumes).hasSize(1);
        assertThat(Recorded.changes(group.executor)).noneMatch(line -> line.startsWith("lvreduce"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsSetAsideComesBack(boolean thin) {
        fresh(thin);
        kept(thin).setAside(Recorded.UUID, "disk");
        kept(thin).setAside(Recorded.UUID, "disk");
        assertThat(group.holds()).isEqualTo(Map.of(KEPT, "old"));
        group.thick(VOLUME, 4 * MIB, "new");
        kept(thin).restore(Recorded.UUID, "disk", Progress.NONE);
        kept(thin).restore(Recorded.UUID, "disk", Progress.NONE);
        assertThat(group.holds()).isEqualTo(Map.of(VOLUME, "old"));
    }

    /** At every command, before and after it: undone, the disk is what it was and the only one. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whereverTheBridgeDiesTheDiskComesBack(boolean thin) {
        int places = 0;
        while (true) {
            fresh(thin).dieAt(places + 1);
            boolean growing = false;
            try {
                kept(thin).keep(Recorded.UUID, "disk", Progress.NONE);
                growing = true;
                backend(thin).grow(Recorded.UUID, "disk", 16 * MIB, Progress.NONE);
                group.live();
                break;
            } catch (RememberedGroup.Dead dead) {
                places++;
            }
            String where = "after dying at " + places + " with " + group;
            group.live();
            undo(thin, growing);
            assertThat(group.holds()).as(where).isEqualTo(Map.of(VOLUME, "old"));
            assertThat(group.volumes).as(where).hasSize(1);
            assertThat(Objects.requireNonNull(group.volumes.get(VOLUME)).size)
                    .as(where)
                    .isEqualTo(8 * MIB);
        }
        assertThat(places).isGreaterThan(3);
    }

    private void undo(boolean thin, boolean growing) {
        if (growing) {
            kept(thin).restore(Recorded.UUID, "disk", Progress.NONE);
        }
        kept(thin).discard(Recorded.UUID, "disk", Progress.NONE);
    }

    /** The way back, interrupted at every command and gone again: never two, never none. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRevertThatDiesIsFinishedByTheNext(boolean thin) {
        int places = 0;
        while (true) {
            fresh(thin);
            kept(thin).keep(Recorded.UUID, "disk", Progress.NONE);
            backend(thin).grow(Recorded.UUID, "disk", 16 * MIB, Progress.NONE);
            group.dieAt(places + 1);
            boolean died = false;
            try {
                kept(thin).restore(Recorded.UUID, "disk", Progress.NONE);
            } catch (RememberedGroup.Dead dead) {
                died = true;
            }
            group.live();
            if (!died) {
                break;
            }
            places++;
            assertThat(group.holds()).as("after dying at %d", places).containsValue("old");
            kept(thin).restore(Recorded.UUID, "disk", Progress.NONE);
            backend(thin).interruptedWipes().forEach(name -> backend(thin).finishWipe(name, Progress.NONE));
            assertThat(group.holds()).as("after dying at %d", places).isEqualTo(Map.of(VOLUME, "old"));
            assertThat(group.volumes).hasSize(1);
            assertThat(Objects.requireNonNull(group.volumes.get(VOLUME)).attributes)
                    .matches(".w..a.....");
        }
        assertThat(places).isGreaterThan(4);
    }

    @Test
    void roomIsCountedForCopiesAndGrowthTogether() {
        group = new RememberedGroup(24 * MIB);
        group.thick(VOLUME, 8 * MIB, "old");
        List<Demand> fits =
                List.of(new Demand("disk", Way.BESIDE, 16 * MIB), new Demand("disk.swap", Way.NEW, 5 * MIB));
        kept(false).demandRoom(Recorded.UUID, fits);
        List<Demand> more =
                List.of(new Demand("disk", Way.BESIDE, 16 * MIB), new Demand("disk.swap", Way.NEW, 9 * MIB));
        refused(ErrorCode.STORAGE_FULL, "are needed", () -> kept(false).demandRoom(Recorded.UUID, more));
        kept(false).demandRoom(Recorded.UUID, List.of(new Demand("disk", Way.ASIDE, null)));
        assertThat(Recorded.changes(group.executor)).isEmpty();
    }

    /** The recorded pool has 4 GiB: what it keeps for a revert it has promised as well. */
    @Test
    void aPoolPromisesWhatItKeeps() {
        group.thin(VOLUME, 1L << 30, "old");
        kept(true).demandRoom(Recorded.UUID, List.of(new Demand("disk", Way.BESIDE, 3L << 30)));
        refused(
                ErrorCode.STORAGE_FULL,
                "has promised",
                () -> kept(true)
                        .demandRoom(Recorded.UUID, List.of(new Demand("disk", Way.BESIDE, (3L << 30) + 4 * MIB))));
        kept(true).keep(Recorded.UUID, "disk", Progress.NONE);
        assertThat(new LvmReport(group.executor, Recorded.settings().alarmAfter())
                        .pool("nova", "nova-pool")
                        .orElseThrow()
                        .promised())
                .isEqualTo(2L << 30);
    }

    @Test
    void whatAnEarlierResizeLeftIsNotWrittenOver() {
        fresh(false);
        group.thick(KEPT, 8 * MIB, "older");
        refused(
                ErrorCode.STORAGE_FAILED,
                KEPT,
                () -> kept(false).demandRoom(Recorded.UUID, List.of(new Demand("disk", Way.BESIDE, 16 * MIB))));
    }

    @Test
    void novaSeesNoneOfItAndTheOperatorSeesAll() {
        fresh(false);
        kept(false).keep(Recorded.UUID, "disk", Progress.NONE);
        assertThat(backend(false).list(Recorded.UUID)).containsExactly("disk");
        assertThat(group.volumes.keySet())
                .filteredOn(name -> name.startsWith(Recorded.UUID))
                .containsExactly(VOLUME);
        VolumeGroups groups = new VolumeGroups(
                group.executor, Recorded.settings(), null, false, Recorded.bases(group.executor), uuid -> true);
        group.executor.printing("pvs", Recorded.physicalVolumes("/dev/sdb", "nova"));
        assertThat(groups.status().kept())
                .extracting(VolumeGroupStatus.Disk::name)
                .containsExactly(KEPT);
        assertThat(groups.status().others()).isEmpty();
        refused(ErrorCode.VOLUMES_NOT_REMOVED, KEPT, () -> groups.release(Progress.NONE));
        assertThat(LvmNames.reserved(KEPT)).isTrue();
        assertThat(LvmNames.reserved(COPY)).isTrue();
    }

    @Test
    void releaseWipesACopyThatWasNeverFinished() {
        group.thick(COPY, 8 * MIB, "half of old");
        VolumeGroups groups = new VolumeGroups(
                group.executor, Recorded.settings(), null, false, Recorded.bases(group.executor), uuid -> true);
        assertThat(groups.planRelease()).containsExactly("wipe and lvremove --yes --force nova/" + COPY);
        groups.release(Progress.NONE);
        assertThat(group.volumes).isEmpty();
        assertThat(Recorded.changes(group.executor)).anyMatch(line -> line.startsWith("blkdiscard"));
    }
}
