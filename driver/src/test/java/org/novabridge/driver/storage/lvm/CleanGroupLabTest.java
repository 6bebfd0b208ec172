package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/** A device full of another tenant's data: every block of new and grown disks, with and without {@code --wipe}. */
@Tag("lab")
class CleanGroupLabTest {
    private static final String GUEST = "44444444-aaaa-4bbb-8ccc-000000000004";
    private static final String OTHER = "55555555-aaaa-4bbb-8ccc-000000000005";
    private static final long MIB = 1 << 20;
    private static final Path DISK = Lab.disk(2);

    @TempDir
    static Path folder;

    private final List<String> run = new CopyOnWriteArrayList<>();
    private final CommandExecutor executor = command -> {
        run.add(command.toString());
        return Lab.EXECUTOR.run(command);
    };

    @BeforeAll
    static void fullOfPattern() throws IOException {
        Lab.clean();
        Lab.fillWithPattern(DISK);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    private static ConfigSnapshot config() {
        return Lab.config(DISK)
                .set(BridgeOptions.STATE_PATH, folder.resolve("state").toString())
                .build();
    }

    private LvmBackend backend() {
        return new LvmBackend(config(), executor, FileOwner.ofThisHost());
    }

    private static Path device(String uuid, String disk) {
        return LvmNames.device(Lab.GROUP, LvmNames.volume(uuid, disk));
    }

    private Extents.State extents() {
        return VolumeGroups.of(config(), executor).status().extents().state();
    }

    private long zeroings() {
        return run.stream().filter(line -> line.startsWith("blkdiscard")).count();
    }

    /** Data, a hole, and data at an odd end. */
    private static CachedImage image() throws IOException {
        Path raw = folder.resolve("image.raw");
        byte[] data = new byte[(int) MIB];
        new Random(7).nextBytes(data);
        try (RandomAccessFile file = new RandomAccessFile(raw.toFile(), "rw")) {
            file.setLength(9 * MIB + 512);
            file.write(data);
            file.seek(9 * MIB);
            file.write(data, 0, 512);
        }
        return new CachedImage("image-1", raw, "raw", 9 * MIB + 512);
    }

    private void madeAndGrownItHoldsTheImageAndZeroes() throws IOException {
        CachedImage image = image();
        backend().create(GUEST, "disk", new DiskContent.FromImage(image, 16 * MIB), Progress.NONE);
        backend().grow(GUEST, "disk", 32 * MIB, Progress.NONE);
        byte[] wanted = Files.readAllBytes(image.base());
        assertThat(Arrays.mismatch(Lab.read(device(GUEST, "disk"), 0, wanted.length), wanted))
                .isEqualTo(-1);
        assertThat(Lab.firstNonZero(device(GUEST, "disk"), wanted.length, 32 * MIB))
                .isEqualTo(-1);
    }

    @Test
    void everyBlockIsTheGuestsOwnWithAndWithoutAWipe() throws IOException {
        VolumeGroupBootstrap.of(config(), executor).apply();
        assertThat(extents()).isEqualTo(Extents.State.DIRTY);
        madeAndGrownItHoldsTheImageAndZeroes();
        assertThat(zeroings()).isPositive();

        // Beside a guest that stays.
        VolumeGroupBootstrap.wiping(config(), executor, Progress.NONE).apply();
        assertThat(extents()).isEqualTo(Extents.State.CLEAN);
        run.clear();
        backend().create(OTHER, "disk.local", new DiskContent.Blank(600 * MIB), Progress.NONE);
        assertThat(zeroings()).isZero();
        assertThat(Lab.firstNonZero(device(OTHER, "disk.local"), 0, 600 * MIB)).isEqualTo(-1);

        Lab.fillWithPattern(device(GUEST, "disk"));
        backend().remove(GUEST, "disk", Progress.NONE);
        assertThat(extents()).isEqualTo(Extents.State.CLEAN);
        run.clear();
        madeAndGrownItHoldsTheImageAndZeroes();
        assertThat(zeroings()).isZero();
        assertThat(extents()).isEqualTo(Extents.State.CLEAN);

        // Somebody else, between two looks of ours.
        Lab.fillWithPattern(device(GUEST, "disk"));
        Lab.sh("lvremove", "--yes", "--force", Lab.GROUP + "/" + LvmNames.volume(GUEST, "disk"));
        backend().create(OTHER, "disk.eph0", new DiskContent.Blank(64 * MIB), Progress.NONE);
        assertThat(zeroings()).isPositive();
        assertThat(Lab.firstNonZero(device(OTHER, "disk.eph0"), 0, 64 * MIB)).isEqualTo(-1);
        assertThat(Lab.report().group(Lab.GROUP).orElseThrow().tags()).containsExactly("nova-bridge");
    }
}
