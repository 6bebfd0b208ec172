package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.transfer.DiskReceiver;
import org.novabridge.driver.transfer.DiskSender;
import org.novabridge.driver.transfer.Frame;
import org.novabridge.driver.transfer.FrameReader;
import org.novabridge.driver.transfer.FrameWriter;

/** What real volumes say of their blocks, and that a volume for a disk that arrives holds nothing of others. */
@Tag("lab")
class StreamsLabTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000012";
    private static final long MIB = 1 << 20;
    private static final long SIZE = 48 * MIB;
    private static final Path DISK = Lab.disk(3);

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    private static DiskStreams streams(VolumeBackend backend) {
        return backend.streams().orElseThrow();
    }

    /** Two groups as two hosts, the whole way but the network: onto extents that another tenant has written all over. */
    @Test
    void aThinDiskKnowsItsBlocksAndArrivesOnAThickVolumeAsItWas() throws IOException {
        Lab.clean();
        Lab.initThin(DISK);
        ConfigSnapshot other = Lab.config(Lab.disk(2))
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova2")
                .set(LibvirtOptions.IMAGES_LVM_SINGLE_TENANT, true)
                .build();
        VolumeGroupBootstrap.of(other, Lab.EXECUTOR).apply();
        Lab.sh("lvcreate", "--yes", "--size", "64m", "--name", "other", "nova2");
        Lab.fillWithPattern(LvmNames.device("nova2", "other"));
        Lab.sh("lvremove", "--yes", "--force", "nova2/other");
        DiskStreams thin = streams(new ThinBackend(Lab.thinConfig(DISK).build(), Lab.EXECUTOR, FileOwner.ofThisHost()));
        DiskStreams thick = streams(new LvmBackend(other, Lab.EXECUTOR, FileOwner.ofThisHost()));

        thin.createZero(GUEST, "disk", SIZE, Progress.NONE);
        assertThat(thin.allocation(GUEST, "disk")).isEqualTo(new Allocation(SIZE, List.of()));
        try (DiskBytes to = thin.openToFill(GUEST, "disk")) {
            to.write(ByteBuffer.wrap(Lab.PATTERN), 7 * MIB + 12345);
            to.write(ByteBuffer.wrap(Lab.PATTERN), SIZE - Lab.PATTERN.length);
        }
        Allocation found = thin.allocation(GUEST, "disk");
        assertThat(found.bytes()).isLessThanOrEqualTo(4 * MIB).isPositive();
        assertThat(found.allocated())
                .anySatisfy(range -> assertThat(covers(range, 7 * MIB + 12345)).isTrue())
                .anySatisfy(range -> assertThat(covers(range, SIZE - 1)).isTrue());
        // Nothing of the look is left in the pool.
        assertThat(Lab.EXECUTOR
                        .run(Command.of(Tool.DMSETUP, "status", "nova-nova--pool-tpool"))
                        .stdout()
                        .split(" +")[6])
                .isEqualTo("-");

        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        DiskSender sender = new DiskSender(new FrameWriter(wire), (disk, bytes) -> {});
        try (DiskBytes from = thin.open(GUEST, "disk")) {
            sender.disk(from, found);
        }
        sender.end();
        assertThat(wire.size()).isLessThan(300_000);

        thick.createZero(GUEST, "disk", SIZE, Progress.NONE);
        try (DiskBytes to = thick.openToFill(GUEST, "disk")) {
            DiskReceiver receiver = new DiskReceiver(List.of(SIZE), into(to));
            FrameReader frames = new FrameReader(new ByteArrayInputStream(wire.toByteArray()));
            for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
                receiver.accept(frame);
            }
            assertThat(receiver.complete()).isTrue();
        }
        assertThat(Arrays.mismatch(read(Lab.GROUP), read("nova2"))).isEqualTo(-1);
    }

    private static byte[] read(String group) throws IOException {
        return Lab.read(LvmNames.device(group, LvmNames.volume(GUEST, "disk")), 0, SIZE);
    }

    private static DiskReceiver.Target into(DiskBytes to) {
        return new DiskReceiver.Target() {
            @Override
            public void write(int disk, long offset, ByteBuffer data) throws IOException {
                to.write(data, offset);
            }

            @Override
            public void finish(int disk) throws IOException {
                to.flush();
            }
        };
    }

    private static boolean covers(Range range, long place) {
        return range.from() <= place && place < range.to();
    }
}
