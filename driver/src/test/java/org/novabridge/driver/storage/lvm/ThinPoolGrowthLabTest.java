package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.storage.Bytes;

/**
 * A pool made by {@code vg init} on real device-mapper: dmeventd grows it, while nothing of the bridge runs; and what
 * {@code vg check} says when that would not happen.
 */
@Tag("lab")
class ThinPoolGrowthLabTest {
    private static final long MIB = 1 << 20;
    private static final Path DISK = Lab.disk(3);
    private static final Path PROFILE = Path.of("/etc/lvm/profile/nova-bridge-nova.profile");
    private static final Path LOCAL = Path.of("/etc/lvm/lvmlocal.conf");
    /** How long a full pool lets a write wait before it fails: a minute, unless the module is told otherwise. */
    private static final Path NO_SPACE_TIMEOUT = Path.of("/sys/module/dm_thin_pool/parameters/no_space_timeout");
    /** dmeventd looks every 10 s; a lab is slow, and gives way to what runs beside it. */
    private static final Duration PATIENCE = Duration.ofSeconds(240);

    private static ConfigSnapshot config(int threshold) {
        return Lab.thinConfig(DISK)
                .set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "128M")
                .set(LibvirtOptions.IMAGES_LVM_POOL_METADATA_SIZE, "4M")
                .set(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD, threshold)
                .set(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_PERCENT, 50)
                .build();
    }

    @BeforeEach
    void pool() {
        Lab.clean();
        init(50);
    }

    @AfterEach
    void clean() throws IOException {
        Files.deleteIfExists(LOCAL);
        Files.writeString(NO_SPACE_TIMEOUT, "60");
        Lab.clean();
        Files.deleteIfExists(PROFILE);
    }

    private static VolumeGroupBootstrap.Plan init(int threshold) {
        return VolumeGroupBootstrap.of(config(threshold), Lab.EXECUTOR).apply();
    }

    private static List<String> check() {
        return VolumeGroups.of(config(50), Lab.EXECUTOR).check().stream()
                .filter(finding -> finding.severity() != VolumeGroupFinding.Severity.NOTE)
                .map(VolumeGroupFinding::sentence)
                .toList();
    }

    private static ThinPool state() {
        return Lab.report().pool(Lab.GROUP, "nova-pool").orElseThrow();
    }

    private static ThinPool await(Predicate<ThinPool> wanted) throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        ThinPool now = state();
        while (!wanted.test(now) && Instant.now().isBefore(end)) {
            Thread.sleep(1000);
            now = state();
        }
        return now;
    }

    @Test
    void dmeventdGrowsTheDataWithNothingOfOursRunning() throws InterruptedException {
        assertThat(check()).isEmpty();
        assertThat(state().profile()).isEqualTo("nova-bridge-nova");
        assertThat(state().size()).isEqualTo(128 * MIB);
        Lab.sh("lvcreate", "--yes", "--virtualsize", "300M", "--thinpool", "nova-pool", "--name", "full", "nova");

        Lab.sh("dd", "if=/dev/zero", "of=/dev/nova/full", "bs=1M", "count=100", "oflag=direct");

        ThinPool grown = await(pool -> pool.size() > 128 * MIB && pool.dataPercent() <= 60);
        assertThat(grown.size()).isGreaterThanOrEqualTo(192 * MIB);
        assertThat(grown.health()).isEmpty();
        assertThat(grown.metadataSize()).as("only what was full has grown").isEqualTo(4 * MIB);
    }

    /**
     * The write that finds no room fails with ENOSPC, upon which QEMU pauses the guest (its default, werror=enospc), and
     * is sent again when the guest goes on. Nothing that was acknowledged is lost.
     */
    @Test
    void aWriterThatRanOutOfSpaceGoesOnAfterGrowth() throws IOException {
        Lab.sh("lvcreate", "--yes", "--virtualsize", "300M", "--thinpool", "nova-pool", "--name", "full", "nova");
        Lab.sh("lvcreate", "--yes", "--extents", "100%FREE", "--name", "filler", "nova");
        Path device = Path.of("/dev/nova/full");
        int wanted = 180;
        int next = 0;
        Files.writeString(NO_SPACE_TIMEOUT, "5");
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            String failure = "";
            while (next < wanted && failure.isEmpty()) {
                failure = write(channel, next);
                next += failure.isEmpty() ? 1 : 0;
            }
            assertThat(failure).isEqualTo("No space left on device");
            assertThat(next).isBetween(100, 128);
            assertThat(state().health()).isEqualTo("out_of_data");

            Lab.sh("lvremove", "--yes", "nova/filler");
            // dmeventd tries ever more seldom while there is no room; the operator need not wait for it.
            Lab.tidy("lvextend", "--use-policies", "nova/nova-pool");
            for (int tries = 0; tries < 10 && next < wanted; tries++) {
                while (next < wanted && write(channel, next).isEmpty()) {
                    next++;
                }
                Lab.tidy("lvextend", "--use-policies", "nova/nova-pool");
            }
        }
        assertThat(next).isEqualTo(wanted);
        byte[] all = Lab.read(device, 0, wanted * MIB);
        for (int i = 0; i < wanted; i++) {
            assertThat(Bytes.firstOther(all, i * MIB, (i + 1) * MIB, number(i)))
                    .as("MiB %d", i)
                    .isEqualTo(-1);
        }
        assertThat(state().health()).isEmpty();
    }

    private static byte number(int i) {
        return (byte) (i % 127 + 1);
    }

    /** The number's own MiB; gives what the kernel said, empty when it is on the pool. */
    private static String write(FileChannel channel, int i) {
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) MIB + 4096).alignedSlice(4096);
        buffer.limit((int) MIB);
        while (buffer.hasRemaining()) {
            buffer.put(number(i));
        }
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                channel.write(buffer, i * MIB + buffer.position());
            }
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void checkFindsWhatNobodyWatchesAndInitSetsItRight() throws InterruptedException {
        Lab.sh("sh", "-c", "kill -9 $(cat /run/dmeventd.pid)");
        Thread.sleep(500);
        assertThat(check()).singleElement().asString().contains("dmeventd does not watch thin pool nova/nova-pool");

        assertThat(init(50).commandLines()).containsExactly("lvchange --yes --monitor y nova/nova-pool");
        assertThat(check()).isEmpty();
    }

    @Test
    void checkFindsALostOrChangedProfileAndInitSetsItRight() throws IOException {
        Files.delete(PROFILE);
        assertThat(check()).singleElement().asString().contains(PROFILE + " is missing");
        init(50);
        assertThat(check()).isEmpty();

        init(100);
        assertThat(check()).singleElement().asString().contains("does not say what the options say");
        init(50);

        Lab.sh("lvchange", "--yes", "--detachprofile", "nova/nova-pool");
        assertThat(check()).singleElement().asString().contains("has no LVM profile");
        assertThat(init(50).commandLines())
                .containsExactly("lvchange --yes --metadataprofile nova-bridge-nova nova/nova-pool");
        assertThat(check()).isEmpty();
    }

    /** Seen with LVM itself: when the check is content, the group of the guest is not found. */
    @Test
    void checkFindsThatLvmLooksIntoTheDisksOfGuests() throws IOException {
        String guest = "33333333-aaaa-4bbb-8ccc-000000000003_disk";
        Lab.sh("lvcreate", "--yes", "--virtualsize", "300M", "--thinpool", "nova-pool", "--name", guest, "nova");
        Lab.sh("vgcreate", "--config", "devices/scan_lvs=1", "inner", "/dev/nova/" + guest);
        assertThat(groups()).containsExactly("nova");
        assertThat(check()).isEmpty();

        Files.writeString(LOCAL, "devices {\n scan_lvs = 1\n}\n");
        assertThat(groups()).containsExactlyInAnyOrder("nova", "inner");
        assertThat(check()).singleElement().asString().contains("LVM on this host looks into logical volumes");

        Files.writeString(LOCAL, "devices {\n scan_lvs = 1\n global_filter = [ \"r|^/dev/nova/|\" ]\n}\n");
        assertThat(groups()).containsExactly("nova");
        assertThat(check()).isEmpty();
    }

    private static List<String> groups() {
        return Lab.sh("vgs", "--noheadings", "--options", "vg_name")
                .stdout()
                .lines()
                .map(String::strip)
                .toList();
    }
}
