package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/** No guest reads what another had on its extents: every sector of every new disk is looked at. */
@Tag("lab")
class OtherTenantsDataLabTest {
    private static final String FIRST = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String SECOND = "22222222-aaaa-4bbb-8ccc-000000000002";
    private static final long MIB = 1 << 20;
    private static final Path DISK = Lab.disk(3);

    @TempDir
    Path folder;

    @BeforeAll
    static void group() {
        Lab.clean();
        Lab.init(DISK);
    }

    /** The first extents, which LVM gives out first, hold another tenant's data before each test. */
    @BeforeEach
    void dirtyExtents() throws IOException {
        Lab.fillWithPattern(asItIs(FIRST, 128 * MIB));
        Lab.sh("lvremove", "--yes", "--force", Lab.GROUP);
        // As the folder of the image cache: the private user may search it.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    @AfterEach
    void removeAll() {
        Lab.tidy("lvremove", "--yes", "--force", Lab.GROUP);
    }

    private static LvmBackend backend(ConfigSnapshot config) {
        return new LvmBackend(config, Lab.EXECUTOR, FileOwner.ofThisHost());
    }

    private static LvmBackend backend() {
        return backend(Lab.config(DISK).build());
    }

    /** Makes a volume that shows its extents as they are, nothing zeroed but LVM's first block. */
    private static Path asItIs(String uuid, long size) {
        LvmBackend backend = backend(Lab.config(DISK)
                .set(LibvirtOptions.IMAGES_LVM_SINGLE_TENANT, true)
                .build());
        backend.create(uuid, "disk", new DiskContent.Blank(size), Progress.NONE);
        return device(uuid, "disk");
    }

    private static Path device(String uuid, String disk) {
        return LvmNames.device(Lab.GROUP, LvmNames.volume(uuid, disk));
    }

    @Test
    void theTestSeesThePatternWhereNothingIsZeroed() throws IOException {
        assertThat(Lab.sectorsWithPattern(asItIs(FIRST, 8 * MIB))).isGreaterThan(15_000);
    }

    /** All that a device held before it became ours, and nearly all of it given to one disk: when made, and when grown. */
    @Test
    void noBlockOfADeviceThatWasFullOfOthersDataIsSeenAfterCreateOrGrowth() throws IOException {
        Lab.clean();
        Lab.fillWithPattern(DISK);
        Lab.init(DISK);
        Path unzeroed = asItIs(SECOND, 696 * MIB);
        assertThat(Lab.sectorsWithPattern(unzeroed)).isGreaterThan(1_300_000);
        Lab.sh("lvremove", "--yes", "--force", Lab.GROUP);

        backend().create(FIRST, "disk", new DiskContent.Blank(256 * MIB), Progress.NONE);
        Path device = device(FIRST, "disk");
        assertThat(Lab.firstNonZero(device, 0, 256 * MIB)).isEqualTo(-1);
        backend().grow(FIRST, "disk", 696 * MIB, Progress.NONE);
        assertThat(Lab.size(device)).isEqualTo(696 * MIB);
        assertThat(Lab.firstNonZero(device, 0, 696 * MIB)).isEqualTo(-1);
    }

    /** An image with data, holes and an odd end, in the format that skips zeroes most readily. */
    @Test
    void aRootDiskHoldsTheImageAndZeroesAlsoAfterGrowing() throws IOException {
        Path raw = folder.resolve("image.raw");
        byte[] data = new byte[(int) MIB];
        new Random(7).nextBytes(data);
        long virtual = 9 * MIB + 512;
        try (RandomAccessFile file = new RandomAccessFile(raw.toFile(), "rw")) {
            file.setLength(virtual);
            file.write(data);
            file.seek(5 * MIB);
            file.write(data);
            file.seek(virtual - 512);
            file.write(data, 0, 512);
        }
        Path qcow2 = folder.resolve("image.qcow2");
        Lab.sh("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw.toString(), qcow2.toString());
        CachedImage image = new CachedImage("image-1", qcow2, "qcow2", virtual);

        backend().create(FIRST, "disk", new DiskContent.FromImage(image, 32 * MIB), Progress.NONE);

        Path device = device(FIRST, "disk");
        assertThat(Lab.size(device)).isEqualTo(32 * MIB);
        byte[] head = Lab.read(device, 0, virtual);
        byte[] wanted = Files.readAllBytes(raw);
        assertThat(Arrays.mismatch(head, wanted)).isEqualTo(-1);
        assertThat(Lab.firstNonZero(device, virtual, 32 * MIB)).isEqualTo(-1);

        backend().grow(FIRST, "disk", 64 * MIB, Progress.NONE);
        assertThat(Lab.size(device)).isEqualTo(64 * MIB);
        assertThat(Lab.firstNonZero(device, virtual, 64 * MIB)).isEqualTo(-1);
        LogicalVolume volume =
                Lab.report().volume(Lab.GROUP, LvmNames.volume(FIRST, "disk")).orElseThrow();
        assertThat(volume.tags()).containsExactly("nova-bridge");
    }

    @Test
    void blankEphemeralAndSwapDisksHoldNothingOfOthers() throws IOException {
        backend().create(FIRST, "disk.local", new DiskContent.Blank(16 * MIB), Progress.NONE);
        backend()
                .create(
                        FIRST,
                        "disk.eph0",
                        new DiskContent.Ephemeral(32 * MIB, null, "linux", "ephemeral0"),
                        Progress.NONE);
        backend().create(FIRST, "disk.swap", new DiskContent.Swap(16 * MIB), Progress.NONE);
        assertThat(Lab.firstNonZero(device(FIRST, "disk.local"), 0, 16 * MIB)).isEqualTo(-1);
        assertThat(Lab.sectorsWithPattern(device(FIRST, "disk.eph0"))).isZero();
        assertThat(Lab.sectorsWithPattern(device(FIRST, "disk.swap"))).isZero();
    }

    @Test
    void aDeletedDiskIsWipedSoThatEvenAnUnzeroedOneShowsNothing() throws IOException {
        Lab.fillWithPattern(asItIs(FIRST, 24 * MIB));
        backend().remove(FIRST, "disk", Progress.NONE);
        assertThat(Lab.report().volumes(Lab.GROUP)).isEmpty();
        assertThat(Lab.sectorsWithPattern(asItIs(SECOND, 24 * MIB))).isZero();
    }

    @Test
    void anUnwipedDiskIsNotReadByTheNextGuestEither() throws IOException {
        Lab.fillWithPattern(asItIs(FIRST, 24 * MIB));
        LvmBackend none = backend(
                Lab.config(DISK).set(LibvirtOptions.VOLUME_CLEAR, "none").build());
        none.remove(FIRST, "disk", Progress.NONE);
        none.create(SECOND, "disk", new DiskContent.Blank(24 * MIB), Progress.NONE);
        assertThat(Lab.firstNonZero(device(SECOND, "disk"), 0, 24 * MIB)).isEqualTo(-1);
    }

    @Test
    void shredAndClearSizeDoWhatTheySay() throws IOException {
        Lab.fillWithPattern(asItIs(FIRST, 8 * MIB));
        backend(Lab.config(DISK).set(LibvirtOptions.VOLUME_CLEAR, "shred").build())
                .remove(FIRST, "disk", Progress.NONE);
        assertThat(Lab.sectorsWithPattern(asItIs(SECOND, 8 * MIB))).isZero();

        // At a rate it is another program.
        Lab.fillWithPattern(device(SECOND, "disk"));
        backend(Lab.config(DISK)
                        .set(LibvirtOptions.VOLUME_CLEAR, "shred")
                        .set(LibvirtOptions.VOLUME_CLEAR_RATE, 64)
                        .build())
                .remove(SECOND, "disk", Progress.NONE);
        Path random = asItIs(SECOND, 8 * MIB);
        assertThat(Lab.sectorsWithPattern(random)).isZero();
        assertThat(Lab.firstNonZero(random, 8 * MIB - 4096, 8 * MIB)).isBetween(8 * MIB - 4096, 8 * MIB);

        Lab.fillWithPattern(device(SECOND, "disk"));
        backend(Lab.config(DISK).set(LibvirtOptions.VOLUME_CLEAR_SIZE, 4).build())
                .remove(SECOND, "disk", Progress.NONE);
        Path device = asItIs(FIRST, 8 * MIB);
        assertThat(Lab.firstNonZero(device, 0, 4 * MIB)).isEqualTo(-1);
        assertThat(Lab.sectorsWithPattern(device)).isEqualTo(4 * MIB / 512);
    }
}
