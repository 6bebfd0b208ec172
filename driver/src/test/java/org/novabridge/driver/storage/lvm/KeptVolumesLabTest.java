package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.Progress;

/** A resize on real volumes: what is kept, what has grown, and what is there after a revert and a confirmation. */
@Tag("lab")
class KeptVolumesLabTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000011";
    private static final long MIB = 1 << 20;
    private static final Path DISK = Lab.disk(3);

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    private static Path device() {
        return LvmNames.device(Lab.GROUP, LvmNames.volume(GUEST, "disk"));
    }

    private static void write(byte value, long from, long to) throws IOException {
        byte[] bytes = new byte[(int) (to - from)];
        Arrays.fill(bytes, value);
        try (FileChannel channel = FileChannel.open(device(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), from);
            channel.force(true);
        }
    }

    private static List<String> volumes() {
        return Lab.report().volumes(Lab.GROUP).stream()
                .filter(volume -> !volume.thinPool())
                .map(LogicalVolume::name)
                .toList();
    }

    /** Offline as {@code GuestResize} does it: asked for room, kept, grown; then both ends of it. */
    private static void theDiskGoesBackOrOn(VolumeBackend backend) throws IOException {
        KeptDisks kept = backend.kept().orElseThrow();
        backend.create(GUEST, "disk", new DiskContent.Blank(32 * MIB), Progress.NONE);
        write((byte) 1, 3 * MIB, 4 * MIB);
        byte[] then = Lab.read(device(), 0, 32 * MIB);

        keepAndGrow(backend, kept);
        write((byte) 2, 3 * MIB, 5 * MIB);
        write((byte) 2, 40 * MIB, 41 * MIB);
        assertThat(backend.list(GUEST)).containsExactly("disk");
        kept.restore(GUEST, "disk", Progress.NONE);
        assertThat(volumes()).containsExactly(GUEST + "_disk");
        assertThat(Lab.size(device())).isEqualTo(32 * MIB);
        assertThat(Arrays.mismatch(Lab.read(device(), 0, 32 * MIB), then)).isEqualTo(-1);

        // What came back is a disk like any other: it is written to, and resized again.
        write((byte) 3, 5 * MIB, 6 * MIB);
        keepAndGrow(backend, kept);
        kept.discard(GUEST, "disk", Progress.NONE);
        assertThat(volumes()).containsExactly(GUEST + "_disk");
        assertThat(Lab.read(device(), 3 * MIB, 3 * MIB + 1)).containsExactly(1);
        assertThat(Lab.read(device(), 5 * MIB, 5 * MIB + 1)).containsExactly(3);

        // Online: somebody has it open, as QEMU has, and goes on reading what it had.
        try (FileChannel guest = FileChannel.open(device(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            backend.grow(GUEST, "disk", 96 * MIB, Progress.NONE);
            assertThat(Lab.size(device())).isEqualTo(96 * MIB);
            ByteBuffer first = ByteBuffer.allocate(1);
            guest.read(first, 3 * MIB);
            assertThat(first.array()).containsExactly(1);
        }
        assertThat(Lab.firstNonZero(device(), 64 * MIB, 96 * MIB)).isEqualTo(-1);
        backend.remove(GUEST, "disk", Progress.NONE);
        assertThat(volumes()).isEmpty();
    }

    private static void keepAndGrow(VolumeBackend backend, KeptDisks kept) throws IOException {
        kept.demandRoom(GUEST, List.of(new KeptDisks.Demand("disk", KeptDisks.Way.BESIDE, 64 * MIB)));
        kept.keep(GUEST, "disk", Progress.NONE);
        backend.grow(GUEST, "disk", 64 * MIB, Progress.NONE);
        assertThat(kept.list(GUEST)).containsExactly("disk");
        assertThat(Lab.size(device())).isEqualTo(64 * MIB);
        assertThat(Lab.firstNonZero(device(), 32 * MIB, 64 * MIB)).isEqualTo(-1);
    }

    @Test
    void ofThinVolumes() throws IOException {
        Lab.clean();
        Lab.initThin(DISK);
        theDiskGoesBackOrOn(new ThinBackend(Lab.thinConfig(DISK).build(), Lab.EXECUTOR, FileOwner.ofThisHost()));
    }

    /** On extents that another tenant has written all over. */
    @Test
    void ofThickVolumes() throws IOException {
        Lab.clean();
        Lab.init(DISK);
        Lab.sh("lvcreate", "--yes", "--size", "200m", "--name", "other", Lab.GROUP);
        Lab.fillWithPattern(LvmNames.device(Lab.GROUP, "other"));
        Lab.sh("lvremove", "--yes", "--force", Lab.GROUP + "/other");
        theDiskGoesBackOrOn(new LvmBackend(Lab.config(DISK).build(), Lab.EXECUTOR, FileOwner.ofThisHost()));
    }
}
