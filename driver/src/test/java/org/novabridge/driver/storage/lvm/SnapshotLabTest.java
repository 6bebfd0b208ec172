package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Bytes;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageExport;
import org.novabridge.driver.storage.Progress;

/** Pictures of disks on real volumes, thin and thick: what they hold, and what is left of them. */
@Tag("lab")
class SnapshotLabTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String ID = "99999999-aaaa-4bbb-8ccc-000000000009";
    private static final long MIB = 1 << 20;
    private static final Path DISK = Lab.disk(3);

    @TempDir
    Path folder;

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    private static Path device() {
        return LvmNames.device(Lab.GROUP, LvmNames.volume(GUEST, "disk"));
    }

    private static void overwrite(Path device, byte value, long from, long to) throws IOException {
        byte[] bytes = new byte[(int) (to - from)];
        Arrays.fill(bytes, value);
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(bytes), from);
            channel.force(true);
        }
    }

    private static DiskSnapshots snapshots(VolumeBackend backend) {
        return backend.snapshots().orElseThrow();
    }

    private static void take(DiskSnapshots snapshots) {
        Recorded.picture(snapshots, GUEST, ID);
    }

    /** The image is what the disk was at that moment, whatever the guest writes meanwhile; it shares no name with it. */
    private void theImageIsOfThatMoment(ConfigSnapshot config, VolumeBackend backend) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        backend.create(GUEST, "disk", new DiskContent.Blank(64 * MIB), Progress.NONE);
        overwrite(device(), (byte) 1, 3 * MIB, 4 * MIB);
        byte[] then = Lab.read(device(), 0, 64 * MIB);
        DiskSnapshots snapshots = snapshots(backend);
        take(snapshots);
        overwrite(device(), (byte) 2, 3 * MIB, 5 * MIB);

        Path file = folder.resolve("image.raw");
        ImageExport export = new ImageExport(config, Lab.EXECUTOR, FileOwner.ofThisHost());
        ImageExport.Target target = new ImageExport.Target(ID, "raw", false, file);
        export.make(snapshots.open(GUEST, "disk", ID), "raw", target, Progress.NONE);

        assertThat(Arrays.mismatch(Files.readAllBytes(file), then)).isEqualTo(-1);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        snapshots.remove(ID, Progress.NONE);
        snapshots.remove(ID, Progress.NONE);
        assertThat(Lab.report().volumes(Lab.GROUP))
                .filteredOn(volume -> !volume.thinPool())
                .extracting(LogicalVolume::name)
                .containsExactly(GUEST + "_disk");
        assertThat(Lab.read(device(), 4 * MIB, 4 * MIB + 1)).containsExactly(2);
        backend.remove(GUEST, "disk", Progress.NONE);
    }

    private ConfigSnapshot.Builder here(ConfigSnapshot.Builder config) {
        return config.set(
                LibvirtOptions.SNAPSHOTS_DIRECTORY, folder.resolve("snapshots").toString());
    }

    @Test
    void ofAThinVolume() throws IOException {
        Lab.clean();
        Lab.initThin(DISK);
        ConfigSnapshot config = here(Lab.thinConfig(DISK)).build();
        ThinBackend backend = new ThinBackend(config, Lab.EXECUTOR, FileOwner.ofThisHost());
        assertThat(backend.snapshots()).isPresent();
        theImageIsOfThatMoment(config, backend);

        // Before it is opened it has no device, and a start of the host gives it none.
        backend.create(GUEST, "disk", new DiskContent.Blank(16 * MIB), Progress.NONE);
        take(snapshots(backend));
        LogicalVolume taken = Lab.report().volume(Lab.GROUP, "nb-snap-" + ID).orElseThrow();
        assertThat(taken.active()).isFalse();
        assertThat(taken.attributes()).startsWith("Vri").endsWith("k");
        snapshots(backend).remove(ID, Progress.NONE);
        backend.remove(GUEST, "disk", Progress.NONE);
    }

    @Test
    void ofAThickVolume() throws IOException {
        Lab.clean();
        // Other tests leave the text that is looked for at the end.
        Lab.sh("blkdiscard", "--zeroout", DISK.toString());
        Lab.init(DISK);
        ConfigSnapshot config = here(Lab.config(DISK)).build();
        LvmBackend backend = new LvmBackend(config, Lab.EXECUTOR, FileOwner.ofThisHost());
        theImageIsOfThatMoment(config, backend);

        // What the guest had written is not left in the extents that kept it for the picture.
        backend.create(GUEST, "disk", new DiskContent.Blank(64 * MIB), Progress.NONE);
        Lab.fillWithPattern(device());
        take(snapshots(backend));
        overwrite(device(), (byte) 0, 0, 64 * MIB);
        assertThat(Lab.sectorsWithPattern(DISK)).isPositive();
        snapshots(backend).remove(ID, Progress.NONE);
        backend.remove(GUEST, "disk", Progress.NONE);
        assertThat(Lab.sectorsWithPattern(DISK)).isZero();

        // One whose store is too small for what the guest overwrites: the guest feels nothing, and what the store
        // could take is wiped all the same.
        backend.create(GUEST, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
        Lab.fillWithPattern(device());
        String snapshot = LvmNames.snapshot(ID);
        Lab.EXECUTOR.run(
                new LvmCommands(Duration.ofMinutes(1)).snapshotThick(Lab.GROUP, GUEST + "_disk", snapshot, 4 * MIB));
        assertThat(snapshots(backend).lost(ID)).isEmpty();
        overwrite(device(), (byte) 3, 0, 8 * MIB);
        assertThat(snapshots(backend).lost(ID).orElseThrow()).contains(Lab.GROUP + "/" + snapshot);
        assertThat(Lab.sectorsWithPattern(DISK)).isPositive();
        snapshots(backend).remove(ID, Progress.NONE);
        assertThat(Lab.report().volumes(Lab.GROUP))
                .extracting(LogicalVolume::name)
                .containsExactly(GUEST + "_disk");
        assertThat(Bytes.firstOther(Lab.read(device(), 0, 8 * MIB), 0, 8 * MIB, 3))
                .isEqualTo(-1);
        assertThat(Lab.sectorsWithPattern(DISK)).isZero();
    }

    @Test
    void withoutRoomTheThickOneSaysWhy() {
        Lab.clean();
        Lab.init(DISK);
        LvmBackend backend = new LvmBackend(Lab.config(DISK).build(), Lab.EXECUTOR, FileOwner.ofThisHost());
        long free = Lab.report().group(Lab.GROUP).orElseThrow().free();
        Lab.sh("lvcreate", "--yes", "--size", (free - 8 * MIB) + "b", "--name", GUEST + "_disk", Lab.GROUP);
        DiskSnapshots.Choice choice = snapshots(backend).choose(GUEST, "disk", Function.identity());
        assertThat(choice.taking()).isNull();
        assertThat(choice.reason()).contains("volume group nova has " + 8 * MIB + " free");
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> snapshots(backend).choose(GUEST, "disk.local", Function.identity()))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_NOT_FOUND));
    }
}
