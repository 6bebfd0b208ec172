package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskKey;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.transfer.DiskReceiver;
import org.novabridge.driver.transfer.DiskSender;
import org.novabridge.driver.transfer.Frame;
import org.novabridge.driver.transfer.FrameReader;
import org.novabridge.driver.transfer.FrameWriter;

/**
 * Encrypted disks of real dm-crypt on their way from one group to another, the whole way but the network, without a key. The
 * mapping has the name of the volume, whatever group that is in, so one of the two is closed while the other is open.
 */
@Tag("lab")
class EncryptedStreamsLabTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000015";
    private static final String VOLUME = GUEST + "_disk";
    private static final Path MAPPING = Path.of("/dev/mapper/" + VOLUME + "-dmcrypt");
    private static final long MIB = 1 << 20;
    private static final long DISK = 32 * MIB;
    private static final String OTHER = "nova2";

    private final DiskKeys keys = new DiskKeys(Clock.systemUTC());

    @BeforeAll
    static void init() throws IOException {
        Lab.clean();
        VolumeGroupBootstrap.of(
                        Lab.thinConfig(Lab.disk(3))
                                .set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "50%")
                                .build(),
                        Lab.EXECUTOR)
                .apply();
        VolumeGroupBootstrap.of(
                        Lab.thinConfig(Lab.disk(2))
                                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, OTHER)
                                .set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "50%")
                                .build(),
                        Lab.EXECUTOR)
                .apply();
        Lab.sh("lvcreate", "--yes", "--size", "100m", "--name", "other", OTHER);
        Lab.fillWithPattern(LvmNames.device(OTHER, "other"));
        Lab.sh("lvremove", "--yes", "--force", OTHER + "/other");
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    @AfterEach
    void removeAll() {
        Lab.tidy("cryptsetup", "close", MAPPING.getFileName().toString());
        Lab.tidy("lvremove", "--yes", "--force", Lab.GROUP + "/" + VOLUME);
        Lab.tidy("lvremove", "--yes", "--force", OTHER + "/" + VOLUME);
    }

    private EncryptedBackend backend(String group, boolean thin, String format, DiskKeys known) {
        ConfigSnapshot config = Lab.config(Lab.disk(3))
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, group)
                .set(LibvirtOptions.IMAGES_LVM_TYPE, thin ? "thin" : "default")
                .set(LibvirtOptions.IMAGES_LVM_ENCRYPTION_FORMAT, format)
                .build();
        FileOwner owner = FileOwner.ofThisHost();
        return new EncryptedBackend(
                thin ? new ThinBackend(config, Lab.EXECUTOR, owner) : new LvmBackend(config, Lab.EXECUTOR, owner),
                config,
                known);
    }

    private static void bring(DiskKeys to, int each) {
        byte[] bytes = new byte[64];
        Arrays.fill(bytes, (byte) each);
        try (DiskKey key = DiskKey.of(bytes)) {
            to.bring(GUEST, null, key);
        }
    }

    private static DiskStreams streams(EncryptedBackend backend) {
        return backend.streams().orElseThrow();
    }

    /** As a guest writes whose QEMU has the page cache between; it stays open as long as the guest runs. */
    private static void write(long at, String text) throws IOException {
        try (FileChannel guest = FileChannel.open(MAPPING, StandardOpenOption.WRITE)) {
            guest.write(ByteBuffer.wrap(text.repeat(1000).getBytes(StandardCharsets.US_ASCII)), at);
        }
    }

    private static byte[] sent(DiskStreams from, Allocation found) throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        DiskSender sender = new DiskSender(new FrameWriter(wire), (disk, bytes) -> {});
        try (DiskBytes bytes = from.open(GUEST, "disk")) {
            sender.disk(bytes, found);
        }
        sender.end();
        return wire.toByteArray();
    }

    private static void receive(byte[] wire, long size, DiskStreams into) throws IOException {
        try (DiskBytes bytes = into.openToFill(GUEST, "disk")) {
            DiskReceiver receiver = new DiskReceiver(List.of(size), new DiskReceiver.Target() {
                @Override
                public void write(int disk, long offset, ByteBuffer data) throws IOException {
                    for (long at = offset; data.hasRemaining(); ) {
                        at += bytes.write(data, at);
                    }
                }

                @Override
                public void finish(int disk) throws IOException {
                    bytes.flush();
                }
            });
            FrameReader frames = new FrameReader(new ByteArrayInputStream(wire));
            for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
                receiver.accept(frame);
            }
            assertThat(receiver.complete()).isTrue();
        }
    }

    /** There and back to look at it, twice: what a first look has left in a page cache is not sent again. */
    private void goes(boolean thin, String format, boolean thinThere, long growth) throws IOException {
        EncryptedBackend here = backend(Lab.GROUP, thin, format, keys);
        bring(keys, 0xa7);
        here.create(GUEST, "disk", new DiskContent.Blank(DISK), Progress.NONE);
        keys.forget(GUEST);
        write(3 * MIB, "what the guest wrote first. ");
        DiskStreams from = streams(here);
        assertThat(sent(from, from.allocation(GUEST, "disk"))).isNotEmpty();
        write(3 * MIB, "what the guest wrote then!! ");
        write(DISK - 64 * 1024, "at the very end ");

        long size = from.size(GUEST, "disk");
        long header = format.equals("luks2") ? 16 * MIB : 0;
        assertThat(size).isEqualTo(DISK + header);
        Allocation found = from.allocation(GUEST, "disk");
        byte[] wire = sent(from, found);
        if (thin) {
            assertThat(found.bytes()).isLessThan(size);
        }
        byte[] wanted = Lab.read(MAPPING, 0, DISK);
        assertThat(new String(wanted, (int) (3 * MIB), 28, StandardCharsets.US_ASCII))
                .isEqualTo("what the guest wrote then!! ");
        assertThat(new String(wire, StandardCharsets.ISO_8859_1).contains("what the guest"))
                .isFalse();

        DiskKeys keysThere = new DiskKeys(Clock.systemUTC());
        EncryptedBackend there = backend(OTHER, thinThere, "plain", keysThere);
        DiskStreams into = streams(there).taking(from.encryption(GUEST, "disk"));
        long room = Math.max(into.size(DISK + growth), size);
        assertThat(room).isEqualTo(size + growth);
        into.demandRoom(List.of(room));
        into.createZero(GUEST, "disk", room, Progress.NONE);
        receive(wire, size, into);
        Path volumeThere = LvmNames.device(OTHER, VOLUME);
        assertThat(Arrays.mismatch(
                        Lab.read(volumeThere, 0, size), Lab.read(LvmNames.device(Lab.GROUP, VOLUME), 0, size)))
                .isEqualTo(-1);
        assertThat(Lab.sectorsWithPattern(volumeThere)).isZero();
        assertThat(Lab.report().volume(OTHER, VOLUME).orElseThrow().cryptTags())
                .containsExactlyInAnyOrderElementsOf(from.encryption(GUEST, "disk"));

        // Here it is open still: its guest runs again without anybody's key. There a start needs it.
        assertThat(here.open(GUEST, "disk")).isTrue();
        here.lock(GUEST, "disk");
        refused(() -> there.unlock(GUEST, "disk"));
        bring(keysThere, 0xa8);
        refused(() -> there.unlock(GUEST, "disk"));
        bring(keysThere, 0xa7);
        there.unlock(GUEST, "disk");
        assertThat(Lab.size(MAPPING)).isEqualTo(DISK + growth);
        assertThat(Arrays.mismatch(Lab.read(MAPPING, 0, DISK), wanted)).isEqualTo(-1);
        write(DISK + growth - 64 * 1024, "what it wrote there ");
        there.remove(GUEST, "disk", Progress.NONE);
        assertThat(MAPPING).doesNotExist();

        bring(keys, 0xa7);
        here.unlock(GUEST, "disk");
        assertThat(Arrays.mismatch(Lab.read(MAPPING, 0, DISK), wanted)).isEqualTo(-1);
        here.remove(GUEST, "disk", Progress.NONE);
        assertThat(MAPPING).doesNotExist();
    }

    private static void refused(Runnable unlocking) {
        assertThatThrownBy(unlocking::run)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED));
        assertThat(MAPPING).doesNotExist();
    }

    @Test
    void aThinLuks2DiskArrivesOnADirtyThickVolumeAndIsGrownOnTheWay() throws IOException {
        goes(true, "luks2", false, 16 * MIB);
    }

    @Test
    void aThickPlainDiskArrivesInAPoolAndIsGrownOnTheWay() throws IOException {
        goes(false, "plain", true, 16 * MIB);
    }

    @Test
    void aThinPlainDiskArrivesInAPool() throws IOException {
        goes(true, "plain", true, 0);
    }

    @Test
    void aThickLuks2DiskArrivesOnADirtyThickVolume() throws IOException {
        goes(false, "luks2", false, 0);
    }
}
