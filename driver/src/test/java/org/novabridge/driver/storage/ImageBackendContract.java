package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;

/** What every backend promises, run with real tools on real storage. */
public abstract class ImageBackendContract {
    protected static final String UUID = "3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11";
    protected static final long MIB = 1 << 20;

    @TempDir
    protected Path folder;

    private final ProcessExecutor tools = new ProcessExecutor();

    protected abstract ImageBackend backend();

    /** A raw base of 4 MiB whose first and last bytes are not zero, with a hole between. */
    protected CachedImage image() throws IOException {
        Path base = folder.resolve("_base/0123456789abcdef0123456789abcdef01234567");
        if (!Files.exists(base)) {
            Files.createDirectories(base.getParent());
            try (RandomAccessFile file = new RandomAccessFile(base.toFile(), "rw")) {
                file.write("first bytes of the image".getBytes(StandardCharsets.UTF_8));
                file.seek(4 * MIB - 8);
                file.write("the end!".getBytes(StandardCharsets.UTF_8));
            }
        }
        return new CachedImage("image-1", base, "raw", 4 * MIB);
    }

    /** The bytes that a guest would read. */
    protected byte[] read(String diskName) throws IOException {
        ImageBackend backend = backend();
        DiskSource source = backend.locate(UUID, diskName);
        Path path = source instanceof DiskSource.BlockSource block
                ? block.device()
                : ((DiskSource.FileSource) source).path();
        Path raw = Files.createTempFile(folder, "read", ".raw");
        tools.run(Command.of(
                Tool.QEMU_IMG,
                "convert",
                "-f",
                backend.format(UUID, diskName),
                "-O",
                "raw",
                path.toString(),
                raw.toString()));
        byte[] bytes = Files.readAllBytes(raw);
        Files.delete(raw);
        return bytes;
    }

    private String probe(String diskName, String value) throws IOException {
        Path raw = Files.write(folder.resolve("probe.raw"), read(diskName));
        return tools.run(Command.of(Tool.BLKID, "-p", "-o", "value", "-s", value, raw.toString()))
                .stdout()
                .strip();
    }

    private ErrorCode codeOf(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        BridgeException e = org.assertj.core.api.Assertions.catchThrowableOfType(BridgeException.class, call);
        assertThat(e).isNotNull();
        return e.code();
    }

    @Test
    void aRootDiskHoldsTheImageAndHasTheFlavorsSize() throws IOException {
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 16 * MIB), Progress.NONE);
        byte[] bytes = read("disk");
        assertThat(bytes).hasSize((int) (16 * MIB)).startsWith("first bytes".getBytes(StandardCharsets.UTF_8));
        assertThat(new String(bytes, (int) (4 * MIB) - 8, 8, StandardCharsets.UTF_8))
                .isEqualTo("the end!");
        assertThat(Bytes.firstOther(bytes, 4 * MIB, bytes.length, 0)).isEqualTo(-1);
        assertThat(Bytes.firstOther(bytes, 100, MIB, 0)).isEqualTo(-1);
    }

    @Test
    void aRootDiskWithoutSizeHasTheImagesSize() throws IOException {
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), null), Progress.NONE);
        assertThat(read("disk")).hasSize((int) (4 * MIB));
    }

    @Test
    void anImageLargerThanTheFlavorIsRefusedAndNothingIsLeft() throws IOException {
        DiskContent tooSmall = new DiskContent.FromImage(image(), 2 * MIB);
        assertThat(codeOf(() -> backend().create(UUID, "disk", tooSmall, Progress.NONE)))
                .isEqualTo(ErrorCode.FLAVOR_DISK_SMALLER_THAN_IMAGE);
        assertThat(backend().exists(UUID, "disk")).isFalse();
        assertThat(backend().list(UUID)).isEmpty();
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 8 * MIB), Progress.NONE);
        assertThat(backend().exists(UUID, "disk")).isTrue();
    }

    @Test
    void anExistingDiskIsNeverMadeAnew() throws IOException {
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 8 * MIB), Progress.NONE);
        assertThatThrownBy(() -> backend().create(UUID, "disk", new DiskContent.Blank(16 * MIB), Progress.NONE))
                .isInstanceOf(BridgeException.class);
        assertThat(read("disk")).startsWith("first bytes".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aBlankDiskIsZero() throws IOException {
        backend().create(UUID, "disk.local", new DiskContent.Blank(8 * MIB), Progress.NONE);
        byte[] bytes = read("disk.local");
        assertThat(bytes).hasSize((int) (8 * MIB));
        assertThat(Bytes.firstOther(bytes, 0, bytes.length, 0)).isEqualTo(-1);
    }

    @Test
    void anEphemeralDiskIsFormattedByOsTypeAndLabelled() throws IOException {
        backend()
                .create(
                        UUID,
                        "disk.eph0",
                        new DiskContent.Ephemeral(32 * MIB, null, "linux", "ephemeral0"),
                        Progress.NONE);
        assertThat(read("disk.eph0")).hasSize((int) (32 * MIB));
        assertThat(probe("disk.eph0", "TYPE")).isEqualTo("ext4");
        assertThat(probe("disk.eph0", "LABEL")).isEqualTo("ephemeral0");
    }

    @Test
    void anEphemeralDiskTakesTheFileSystemAskedFor() throws IOException {
        backend()
                .create(
                        UUID,
                        "disk.eph1",
                        new DiskContent.Ephemeral(32 * MIB, "vfat", "linux", "ephemeral1"),
                        Progress.NONE);
        assertThat(probe("disk.eph1", "TYPE")).isEqualTo("vfat");
    }

    @Test
    void anUnknownFileSystemIsRefusedAndNothingIsLeft() {
        DiskContent.Ephemeral hostile = new DiskContent.Ephemeral(32 * MIB, "--help", "linux", "ephemeral0");
        assertThat(codeOf(() -> backend().create(UUID, "disk.eph0", hostile, Progress.NONE)))
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(backend().list(UUID)).isEmpty();
    }

    @Test
    void aSwapDiskHasItsSignature() throws IOException {
        backend().create(UUID, "disk.swap", new DiskContent.Swap(8 * MIB), Progress.NONE);
        assertThat(probe("disk.swap", "TYPE")).isEqualTo("swap");
    }

    @Test
    void growingKeepsTheContentAndNeverShrinks() throws IOException {
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 8 * MIB), Progress.NONE);
        backend().grow(UUID, "disk", 24 * MIB, Progress.NONE);
        assertThat(read("disk")).hasSize((int) (24 * MIB)).startsWith("first bytes".getBytes(StandardCharsets.UTF_8));
        backend().grow(UUID, "disk", 8 * MIB, Progress.NONE);
        assertThat(read("disk")).hasSize((int) (24 * MIB));
    }

    @Test
    void growingAMissingDiskSaysSo() {
        assertThat(codeOf(() -> backend().grow(UUID, "disk", 8 * MIB, Progress.NONE)))
                .isEqualTo(ErrorCode.DISK_NOT_FOUND);
    }

    @Test
    void removingIsRepeatableAndLeavesOthersAlone() throws IOException {
        backend().create(UUID, "disk", new DiskContent.FromImage(image(), 8 * MIB), Progress.NONE);
        backend().create(UUID, "disk.swap", new DiskContent.Swap(8 * MIB), Progress.NONE);
        assertThat(backend().list(UUID)).containsExactlyInAnyOrder("disk", "disk.swap");
        backend().remove(UUID, "disk", Progress.NONE);
        backend().remove(UUID, "disk", Progress.NONE);
        assertThat(backend().list(UUID)).containsExactly("disk.swap");
        assertThat(backend().exists(UUID, "disk")).isFalse();
        backend().remove(UUID, "disk.swap", Progress.NONE);
        assertThat(backend().list(UUID)).isEmpty();
    }

    @Test
    void aCancelledCreateLeavesNothing() throws IOException {
        Progress cancelled = new Progress() {
            @Override
            public void report(String phase, double percent) {
                // only the question below matters
            }

            @Override
            public boolean cancelled() {
                return true;
            }
        };
        DiskContent content = new DiskContent.FromImage(image(), 8 * MIB);
        assertThat(codeOf(() -> backend().create(UUID, "disk", content, cancelled)))
                .isEqualTo(ErrorCode.CANCELLED);
        assertThat(backend().list(UUID)).isEmpty();
    }

    @Test
    void hostileNamesAreRefused() {
        for (String name : List.of("../x", "disk/../../etc", "-disk", "disk\n", "", "disk.part", "disk.info")) {
            assertThat(codeOf(() -> backend().locate(UUID, name))).as(name).isEqualTo(ErrorCode.INVALID_REQUEST);
        }
        for (String uuid : List.of("..", "", UUID + "/..", UUID.toUpperCase(java.util.Locale.ROOT), "-rf")) {
            assertThat(codeOf(() -> backend().locate(uuid, "disk"))).as(uuid).isEqualTo(ErrorCode.INVALID_REQUEST);
        }
    }
}
