package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;

/** The exact commands of the file backends, and what happens when one fails; no program is run. */
class BackendCommandsTest {
    private static final String UUID = "3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11";
    private static final long GIB = 1L << 30;

    @TempDir
    Path folder;

    private final RecordingExecutor executor = new RecordingExecutor();

    private ConfigSnapshot.Builder config() {
        return ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, folder.toString())
                .set(BridgeOptions.STATE_PATH, folder.resolve("state").toString());
    }

    private ImageBackend backend(ConfigSnapshot.Builder config, String name) {
        return ImageBackends.of(config.build(), executor, FileOwner.ofThisHost(), new DiskKeys(Clock.systemUTC()))
                .find(name)
                .orElseThrow();
    }

    private ImageBackend backend(String name) {
        return backend(config(), name);
    }

    private DiskContent root(String format, @Nullable Long size) {
        return new DiskContent.FromImage(new CachedImage("i", base(), format, GIB), size);
    }

    private Path base() {
        Path base = folder.resolve("abc");
        try {
            return Files.exists(base) ? base : Files.createFile(base);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines that were run; a held file or folder is shown as HELD. */
    private List<String> lines() {
        return executor.lines().stream()
                .map(line -> line.replaceAll("/proc/\\d+/fd/\\d+", "HELD"))
                .toList();
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(UUID))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aQcow2RootIsOneCommandThatDoesNotOpenTheBase() {
        backend("qcow2").create(UUID, "disk", root("raw", 10 * GIB), Progress.NONE);
        assertThat(lines())
                .containsExactly(
                        "qemu-img create -q -u -f qcow2 -b " + base() + " -F raw ./" + UUID + ".disk.part 10737418240");
        // Started inside the work folder, which is held.
        assertThat(executor.commands().get(0).folder().toString()).matches("/proc/\\d+/fd/\\d+");
        assertThat(executor.commands().get(0).effect()).isEqualTo(Effect.WRITES);
        assertThat(executor.commands().get(0).confinement()).isNotNull();
    }

    @Test
    void aRawRootIsASparseCopyThatSharesBlocksWhereItCan() throws IOException {
        backend("raw").create(UUID, "disk", root("raw", 10 * GIB), Progress.NONE);
        assertThat(lines()).containsExactly("cp --reflink=auto --sparse=always -- HELD HELD/" + UUID + ".disk.part");
        assertThat(Files.size(folder.resolve(UUID).resolve("disk"))).isEqualTo(10 * GIB);
    }

    @Test
    void aRawRootFromAQcow2BaseIsACopyThatIsGrownAsQcow2() {
        ImageBackend raw = backend("raw");
        raw.create(UUID, "disk", root("qcow2", 10 * GIB), Progress.NONE);
        assertThat(lines())
                .containsExactly(
                        "cp --reflink=auto --sparse=always -- HELD HELD/" + UUID + ".disk.part",
                        "qemu-img resize -q --image-opts" + " driver=qcow2,file.driver=file,file.filename=./" + UUID
                                + ".disk.part,backing= 10737418240");
        assertThat(raw.format(UUID, "disk")).isEqualTo("qcow2");
    }

    @Test
    void ephemeralAndSwapOfQcow2AreFormattedRawAndConverted() {
        backend("qcow2")
                .create(UUID, "disk.eph0", new DiskContent.Ephemeral(GIB, "xfs", null, "ephemeral0"), Progress.NONE);
        backend("qcow2").create(UUID, "disk.swap", new DiskContent.Swap(GIB), Progress.NONE);
        assertThat(lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .isEqualTo("mkfs -t xfs -L ephemeral0 ./" + UUID + ".disk.eph0.raw.part"),
                        line -> assertThat(line)
                                .matches("qemu-img convert -p -t (none|writeback) -f raw -O qcow2" + " \\./" + UUID
                                        + "\\.disk\\.eph0\\.raw\\.part \\./" + UUID + "\\.disk\\.eph0\\.part"),
                        line -> assertThat(line).isEqualTo("mkswap ./" + UUID + ".disk.swap.raw.part"),
                        line -> assertThat(line).contains("qemu-img convert"));
    }

    @Test
    void fileSystemsFollowTheRequestTheOptionAndTheOsType() {
        ImageBackend raw = backend("raw");
        raw.create(UUID, "disk.eph0", new DiskContent.Ephemeral(GIB, null, "linux", "ephemeral0"), Progress.NONE);
        raw.create(UUID, "disk.eph1", new DiskContent.Ephemeral(GIB, null, "windows", "ephemeral1"), Progress.NONE);
        raw.create(UUID, "disk.eph2", new DiskContent.Ephemeral(GIB, null, null, "ephemeral2"), Progress.NONE);
        backend(config().set(DefaultOptions.DEFAULT_EPHEMERAL_FORMAT, "ext3"), "raw")
                .create(UUID, "disk.eph3", new DiskContent.Ephemeral(GIB, null, "linux", "ephemeral3"), Progress.NONE);
        backend(
                        config().set(
                                        DefaultOptions.VIRT_MKFS,
                                        List.of("linux=mkfs.ext4 -L %(fs_label)s -m 1 %(target)s")),
                        "raw")
                .create(UUID, "disk.eph4", new DiskContent.Ephemeral(GIB, null, "linux", "ephemeral4"), Progress.NONE);
        assertThat(lines())
                .containsExactly(
                        "mkfs -t ext4 -F -L ephemeral0 ./" + UUID + ".disk.eph0.part",
                        "mkfs -t ntfs -F -L ephemeral1 ./" + UUID + ".disk.eph1.part",
                        "mkfs -t vfat -n ephemeral2 ./" + UUID + ".disk.eph2.part",
                        "mkfs -t ext3 -F -L ephemeral3 ./" + UUID + ".disk.eph3.part",
                        "/usr/sbin/mkfs.ext4 -L ephemeral4 -m 1 HELD/" + UUID + ".disk.eph4.part");
    }

    @Test
    void preallocationFollowsTheOptionAndOnlyForAGivenSize() {
        ConfigSnapshot.Builder space = config().set(DefaultOptions.PREALLOCATE_IMAGES, "space");
        backend(space, "qcow2").create(UUID, "disk", root("raw", 10 * GIB), Progress.NONE);
        backend(space, "qcow2").create(UUID, "disk.rescue", root("raw", null), Progress.NONE);
        assertThat(lines())
                .filteredOn(line -> line.startsWith("fallocate"))
                .containsExactly("fallocate -n -l 10737418240 HELD/" + UUID + ".disk.part");
    }

    @Test
    void aFullDiskIsToldAsSuchAndNothingIsLeft() throws IOException {
        executor.failing("cp", 1, "cp: error writing 'disk.part': No space left on device");
        executor.failing("qemu-img", 1, "qemu-img: ./disk.part: error while writing: No space left on device");
        for (String name : List.of("raw", "qcow2")) {
            BridgeException e = catchThrowableOfType(
                    BridgeException.class,
                    () -> backend(name).create(UUID, "disk", root("raw", 10 * GIB), Progress.NONE));
            assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
            assertThat(left()).isEmpty();
        }
    }

    @Test
    void aFailingMkfsLeavesNothing() throws IOException {
        executor.failing("mkfs", 1, "mkfs: bad luck");
        BridgeException e = catchThrowableOfType(
                BridgeException.class,
                () -> backend("qcow2")
                        .create(UUID, "disk.eph0", new DiskContent.Ephemeral(GIB, "ext4", null, "e"), Progress.NONE));
        assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FAILED);
        assertThat(left()).isEmpty();
    }

    @Test
    void anExistingRecordIsNeverOverwritten() throws IOException {
        Files.createDirectories(folder.resolve(UUID));
        Path disk = folder.resolve(UUID).resolve("disk");
        String line = "{\"" + disk + "\": \"qcow2\", \"/other\": \"raw\"}\n";
        Files.writeString(folder.resolve(UUID).resolve("disk.info"), line);
        DiskInfoFile info = new DiskInfoFile(folder, UUID, FileOwner.ofThisHost());
        BridgeException e = catchThrowableOfType(BridgeException.class, () -> info.record(disk, "raw"));
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_DISK_INFO);
        assertThat(folder.resolve(UUID).resolve("disk.info")).hasContent(line);
        info.forget(disk);
        assertThat(folder.resolve(UUID).resolve("disk.info")).hasContent("{\"/other\": \"raw\"}\n");
        Files.writeString(folder.resolve(UUID).resolve("disk.info"), "no json");
        assertThat(catchThrowableOfType(BridgeException.class, () -> info.format(disk))
                        .code())
                .isEqualTo(ErrorCode.INVALID_DISK_INFO);
    }

    @Test
    void theNameOfTheBackendFollowsImagesType() {
        assertThat(ImageBackends.nameOf(config().build())).isEqualTo("qcow2");
        assertThat(ImageBackends.nameOf(
                        config().set(DefaultOptions.USE_COW_IMAGES, false).build()))
                .isEqualTo("raw");
        assertThat(ImageBackends.nameOf(
                        config().set(LibvirtOptions.IMAGES_TYPE, "flat").build()))
                .isEqualTo("raw");
    }

    @Test
    void rbdIsOnlyDescribed() {
        ImageBackend rbd = backend(config().set(LibvirtOptions.IMAGES_RBD_POOL, "vms"), "rbd");
        assertThat(rbd.capabilities().servable()).isFalse();
        assertThat(rbd.locate(UUID, "disk"))
                .isEqualTo(new DiskSource.NetworkSource("rbd", "vms/" + UUID + "_disk", List.of(), null));
        assertThat(catchThrowableOfType(BridgeException.class, () -> rbd.exists(UUID, "disk"))
                        .code())
                .isEqualTo(ErrorCode.INVALID_CONFIGURATION);
    }
}
