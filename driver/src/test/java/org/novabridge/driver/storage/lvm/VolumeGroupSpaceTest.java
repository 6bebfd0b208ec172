package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.StorageSpace;
import org.novabridge.driver.model.StorageSpace.Kind;

class VolumeGroupSpaceTest {
    private static final long SIZE = 8522825728L;
    private static final long MIB = Recorded.MIB;
    private static final String GUEST = Recorded.UUID + "_disk";

    private final RecordingExecutor executor = new RecordingExecutor();
    private final VolumeGroupSpace group = VolumeGroupSpace.of(
            ConfigSnapshot.builder()
                    .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                    .build(),
            executor);

    /** A wipe that waits, a stranger's volume: whatever is taken and is no guest's is reserved. */
    @Test
    void ofAThickGroupEverythingThatIsNoGuestsIsReserved() {
        executor.printing("vgs", Recorded.group(SIZE - 100 * MIB, "", 0))
                .printing(
                        "lvs",
                        Recorded.volumes(
                                GUEST,
                                String.valueOf(60 * MIB),
                                "",
                                "-wi-ao----",
                                "nb-wipe-1",
                                String.valueOf(30 * MIB),
                                "nb-was=x",
                                "-wi-a-----",
                                "root",
                                String.valueOf(10 * MIB),
                                "",
                                "-wi-ao----"));
        List<StorageSpace> all = group.all();
        assertThat(all)
                .containsExactly(new StorageSpace(
                        Kind.VOLUME_GROUP, "nova", SIZE, 100 * MIB, SIZE - 100 * MIB, 60 * MIB, 40 * MIB));
        assertThat(group.ofNewDisks(all, false)).isEqualTo(all.get(0));
        assertThatThrownBy(() -> group.ofNewDisks(all, true))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_GROUP_UNUSABLE));
    }

    @Test
    void ofAPoolGuestsAreWhatTheyMayWriteAndBasesWhatTheyHave() {
        String rows = Recorded.pool(Recorded.thinRow(GUEST, 3L << 30, "Vwi-aotz--")
                + Recorded.thinRow("nb-base-" + "1".repeat(40), 512 * MIB, "Vri---tz-k")
                + Recorded.thinRow("by-hand", 64 * MIB, "Vwi-a-tz--"));
        executor.printing("vgs", Recorded.group(4 * MIB, "", 0)).printing("lvs", rows);
        List<StorageSpace> all = group.all();
        StorageSpace pool = group.ofNewDisks(all, true);
        assertThat(pool)
                .isEqualTo(new StorageSpace(
                        Kind.THIN_POOL,
                        "nova/nova-pool",
                        4L << 30,
                        512 * MIB,
                        (4L << 30) - 512 * MIB,
                        3L << 30,
                        576 * MIB));
        assertThat(pool.overSubscription()).isEqualTo(0.89);
        // The guest's space is the pool's matter, not the group's.
        assertThat(all.get(0).guests()).isZero();
        assertThat(all.get(0).reserved()).isEqualTo(SIZE - 4 * MIB);
    }

    @Test
    void noGroupNoNumbers() {
        executor.printing("vgs", Recorded.noGroup()).printing("lvs", Recorded.volumes());
        assertThatThrownBy(group::all)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_GROUP_UNUSABLE));
    }
}
