package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/**
 * The metadata of a pool, filled by snapshots of one volume that is written between them; taken past LVM, which would
 * need a minute for as many. Each one keeps the part of the map that the next writes change.
 */
@Tag("lab")
class FaultThinMetadataLabTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String LATER = "22222222-aaaa-4bbb-8ccc-000000000002";
    private static final long MIB = 1 << 20;
    private static final Path DISK = Lab.disk(3);
    private static final Path PROFILE = Path.of("/etc/lvm/profile/nova-bridge-nova.profile");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int MAPPED = 96;

    /** A leaf of the map has at most 252 entries, of 64 KiB each. */
    private static final long LEAF = 7 * MIB;

    private int snapshots;

    @BeforeEach
    void clean() {
        Lab.clean();
    }

    @AfterEach
    void tidy() throws IOException {
        // What device-mapper knows and LVM does not goes with the pool.
        Lab.clean();
        Files.deleteIfExists(PROFILE);
    }

    private static ConfigSnapshot config(int threshold) {
        return Lab.thinConfig(DISK)
                .set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "400M")
                .set(LibvirtOptions.IMAGES_LVM_POOL_METADATA_SIZE, "4M")
                .set(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD, threshold)
                .set(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_PERCENT, 50)
                .build();
    }

    private static void init(int threshold) {
        VolumeGroupBootstrap.of(config(threshold), Lab.EXECUTOR).apply();
        Lab.sh("lvcreate", "--yes", "--virtualsize", MAPPED + "M", "--thinpool", "nova-pool", "--name", "full", "nova");
        Lab.sh("dd", "if=/dev/zero", "of=/dev/nova/full", "bs=4M", "count=" + MAPPED / 4, "oflag=direct");
    }

    private static ThinPool pool() {
        return Lab.report().pool(Lab.GROUP, "nova-pool").orElseThrow();
    }

    /** Percent; device-mapper says it in blocks, at once. */
    private static double used() {
        String[] words =
                Lab.sh("dmsetup", "status", "nova-nova--pool-tpool").stdout().split(" ");
        String[] blocks = words[4].split("/");
        return 100.0 * Integer.parseInt(blocks[0]) / Integer.parseInt(blocks[1]);
    }

    private void fillTo(double percent) throws IOException {
        for (int round = 0; used() < percent && round < 200; round++) {
            Lab.sh("sh", "-e", "-c", """
                    id=$(dmsetup table nova-full | cut -d' ' -f5)
                    dmsetup suspend nova-full
                    dmsetup message nova-nova--pool-tpool 0 "create_snap $((100000 + %d)) $id"
                    dmsetup resume nova-full
                    """.formatted(snapshots++));
            Lab.touchSectors(Path.of("/dev/nova/full"), MAPPED * MIB, LEAF, (snapshots % 100) * 65536L);
        }
        assertThat(used()).isGreaterThanOrEqualTo(percent);
    }

    @Test
    void dmeventdGrowsTheMetadataWithNothingOfOursRunning() throws Exception {
        init(50);
        assertThat(pool().metadataSize()).isEqualTo(4 * MIB);

        fillTo(52);

        Instant end = Instant.now().plus(PATIENCE);
        while (pool().metadataSize() == 4 * MIB && Instant.now().isBefore(end)) {
            Thread.sleep(1000);
        }
        ThinPool grown = pool();
        assertThat(grown.metadataSize()).isGreaterThanOrEqualTo(6 * MIB);
        assertThat(grown.metadataPercent()).isLessThan(50);
        assertThat(grown.size()).as("only what was full has grown").isEqualTo(400 * MIB);
        assertThat(grown.health()).isEmpty();
    }

    /** Nobody grows it: refused in time, with the remedy, which helps; deletes are not refused. */
    @Test
    void creationEndsBeforeTheMetadataDoes() throws IOException {
        init(100);
        ThinBackend backend = new ThinBackend(config(100), Lab.EXECUTOR, FileOwner.ofThisHost());
        backend.create(GUEST, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
        fillTo(96);

        assertThatThrownBy(() -> backend.create(LATER, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
                    assertThat(e).hasMessageContaining("nova/nova-pool").hasMessageContaining("metadata");
                    assertThat(e.remedy()).contains("lvextend --poolmetadatasize +SIZE nova/nova-pool");
                });
        backend.remove(GUEST, "disk", Progress.NONE);
        assertThat(names()).containsExactly("full");

        Lab.sh("lvextend", "--poolmetadatasize", "+4M", "nova/nova-pool");
        backend.create(LATER, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
        assertThat(backend.exists(LATER, "disk")).isTrue();
        assertThat(SuspendedDevices.resume(config(100), Lab.EXECUTOR)).isEmpty();
    }

    private static List<String> names() {
        return Lab.report().volumes(Lab.GROUP).stream()
                .map(LogicalVolume::name)
                .filter(name -> !name.equals("nova-pool"))
                .toList();
    }
}
