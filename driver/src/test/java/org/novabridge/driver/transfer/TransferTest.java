package org.novabridge.driver.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;

/** Disks through the wire: what arrives is what was there, and nothing that a hostile sender says does harm. */
class TransferTest {
    private static final int PIECE = 64 << 10;

    /** Disks in memory; notes each write. */
    private static final class Disks implements DiskReceiver.Target {
        final List<byte[]> disks = new ArrayList<>();
        final List<Integer> finished = new ArrayList<>();
        long written;

        Disks(List<Long> sizes) {
            sizes.forEach(size -> disks.add(new byte[size.intValue()]));
        }

        @Override
        public void write(int disk, long offset, ByteBuffer data) {
            written += data.remaining();
            data.get(disks.get(disk), (int) offset, data.remaining());
        }

        @Override
        public void finish(int disk) {
            finished.add(disk);
        }
    }

    private static void receive(byte[] stream, List<Long> sizes, Disks into) throws IOException {
        FrameReader reader = new FrameReader(new ByteArrayInputStream(stream));
        DiskReceiver receiver = new DiskReceiver(sizes, into);
        for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
            receiver.accept(frame);
        }
        if (!receiver.complete()) {
            throw new WireException("the sender went away");
        }
    }

    /** A disk of pieces of which some are written; the last one is cut. */
    private static byte[] disk(long seed, int pieces) {
        Random random = new Random(seed);
        byte[] disk = new byte[pieces * PIECE - random.nextInt(PIECE)];
        for (int piece = 0; piece < pieces; piece++) {
            if (random.nextBoolean()) {
                disk[Math.min(disk.length - 1, piece * PIECE + random.nextInt(PIECE))] =
                        (byte) (1 + random.nextInt(255));
            }
        }
        return disk;
    }

    private static byte[] sent(List<byte[]> disks, boolean holes) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        DiskSender sender = new DiskSender(new FrameWriter(stream), (disk, bytes) -> {});
        for (byte[] disk : disks) {
            Path file = Files.createTempFile("disk", ".raw");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(disk));
                sender.disk(DiskBytes.of(channel), holes ? pieces(disk) : Allocation.everywhere(disk.length));
            } finally {
                Files.delete(file);
            }
        }
        sender.end();
        return stream.toByteArray();
    }

    /** What a pool with blocks of one piece would say. */
    private static Allocation pieces(byte[] disk) {
        List<Range> ranges = new ArrayList<>();
        for (int from = 0; from < disk.length; from += PIECE) {
            int to = Math.min(disk.length, from + PIECE);
            if (!Arrays.equals(disk, from, to, new byte[PIECE], 0, to - from)) {
                ranges.add(new Range(from, to));
            }
        }
        return new Allocation(disk.length, ranges);
    }

    private static List<Long> sizes(List<byte[]> disks) {
        return disks.stream().map(disk -> (long) disk.length).toList();
    }

    @Property(tries = 30)
    void whatArrivesIsWhatWasThere(
            @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 20) Integer> pieces,
            @ForAll long seed,
            @ForAll boolean holes)
            throws IOException {
        List<byte[]> disks =
                pieces.stream().map(count -> disk(seed + count, count)).toList();
        Disks here = new Disks(sizes(disks));
        receive(sent(disks, holes), sizes(disks), here);
        for (int i = 0; i < disks.size(); i++) {
            assertThat(Arrays.mismatch(here.disks.get(i), disks.get(i))).isEqualTo(-1);
        }
        assertThat(here.finished).hasSize(disks.size());
        assertThat(here.written)
                .isEqualTo(
                        disks.stream().mapToLong(disk -> pieces(disk).bytes()).sum());
    }

    /** Of a large disk that holds nothing, the receiver hears nothing else. */
    @Example
    void aSenderThatFindsNothingSaysThatItGoesOn() throws IOException {
        int size = 4 << 20;
        AtomicLong clock = new AtomicLong();
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        DiskSender sender =
                new DiskSender(new FrameWriter(stream), (disk, bytes) -> {}, () -> clock.addAndGet(3_000_000_000L));
        Path file = Files.createTempFile("disk", ".raw");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
            sender.disk(DiskBytes.of(channel), Allocation.everywhere(size));
        } finally {
            Files.delete(file);
        }
        sender.end();
        FrameReader frames = new FrameReader(new ByteArrayInputStream(stream.toByteArray()));
        List<Frame.Kind> kinds = new ArrayList<>();
        for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
            kinds.add(frame.kind());
        }
        assertThat(kinds).containsExactly(Frame.Kind.ALIVE, Frame.Kind.ALIVE, Frame.Kind.DISK_END, Frame.Kind.END);
        receive(stream.toByteArray(), List.of((long) size), new Disks(List.of((long) size)));
    }

    @Property(tries = 100)
    void everyDamageIsFoundAndNothingIsComplete(@ForAll int place, @ForAll @IntRange(max = 7) int bit)
            throws IOException {
        List<byte[]> disks = List.of(disk(7, 4), disk(8, 1));
        byte[] stream = sent(disks, true);
        stream[Math.floorMod(place, stream.length)] ^= (byte) (1 << bit);
        assertThatThrownBy(() -> receive(stream, sizes(disks), new Disks(sizes(disks))))
                .isInstanceOf(WireException.class);
    }

    @Property(tries = 100)
    void aStreamThatIsCutOffIsNeverComplete(@ForAll int place) throws IOException {
        List<byte[]> disks = List.of(disk(7, 4), disk(8, 1));
        byte[] stream = sent(disks, true);
        byte[] cut = Arrays.copyOf(stream, Math.floorMod(place, stream.length));
        assertThatThrownBy(() -> receive(cut, sizes(disks), new Disks(sizes(disks))))
                .isInstanceOf(WireException.class);
    }

    @Property(tries = 200)
    void garbageIsRefusedAndNothingElseHappens(@ForAll byte[] garbage) {
        if (garbage.length > 0) {
            assertThatThrownBy(() -> receive(garbage, List.of(10L), new Disks(List.of(10L))))
                    .isInstanceOf(WireException.class);
        }
    }

    /** Whatever numbers well-formed frames carry, no byte is written outside the disks. */
    @Property(tries = 200)
    void noFrameWritesOutsideItsDisk(
            @ForAll @IntRange(max = 64) int disk, @ForAll long offset, @ForAll @IntRange(max = 3000) int length) {
        Disks here = new Disks(List.of(1000L, 2000L));
        DiskReceiver receiver = new DiskReceiver(List.of(1000L, 2000L), here);
        boolean right = disk == 0 && length > 0 && offset >= 0 && offset <= 1000L - length;
        try {
            receiver.accept(new Frame(Frame.Kind.DATA, disk, offset, new byte[length]));
            assertThat(right).isTrue();
        } catch (IOException e) {
            assertThat(right).isFalse();
            assertThat(here.written).isZero();
        }
    }

    @Example
    void dataThatGoesBackIsRefused() throws IOException {
        DiskReceiver receiver = new DiskReceiver(List.of(100L), new Disks(List.of(100L)));
        receiver.accept(new Frame(Frame.Kind.DATA, 0, 50, new byte[10]));
        assertThatThrownBy(() -> receiver.accept(new Frame(Frame.Kind.DATA, 0, 59, new byte[10])))
                .isInstanceOf(WireException.class);
    }

    @Example
    void theEndOfOneDiskIsNotTheEndOfAll() throws IOException {
        DiskReceiver receiver = new DiskReceiver(List.of(100L, 100L), new Disks(List.of(100L, 100L)));
        receiver.accept(new Frame(Frame.Kind.DISK_END, 0, 100, new DiskDigest().ended(100)));
        assertThatThrownBy(() -> receiver.accept(new Frame(Frame.Kind.END, 1, 0, new byte[32])))
                .isInstanceOf(WireException.class);
        assertThat(receiver.complete()).isFalse();
    }

    @Example
    void anEmptyDiskOfAnotherSizeIsNotTaken() {
        DiskReceiver receiver = new DiskReceiver(List.of(100L), new Disks(List.of(100L)));
        assertThatThrownBy(() -> receiver.accept(new Frame(Frame.Kind.DISK_END, 0, 99, new DiskDigest().ended(99))))
                .isInstanceOf(WireException.class);
    }

    @Example
    void nothingComesAfterTheEnd() throws IOException {
        byte[] stream = sent(List.of(new byte[10]), false);
        byte[] twice = Arrays.copyOf(stream, stream.length * 2);
        System.arraycopy(stream, 0, twice, stream.length, stream.length);
        assertThatThrownBy(() -> receive(twice, List.of(10L), new Disks(List.of(10L))))
                .hasMessageContaining("after the last");
    }

    /** A length of two gigabytes must not be believed before its bytes are there. */
    @Example
    void aLengthBeyondTheLimitTakesNoMemory() {
        byte[] header = ByteBuffer.allocate(FrameWriter.HEADER)
                .putShort((short) FrameWriter.MAGIC)
                .put((byte) Frame.VERSION)
                .put((byte) 2)
                .putShort((short) 0)
                .putInt(Integer.MAX_VALUE)
                .putLong(0)
                .array();
        assertThatThrownBy(() -> new FrameReader(new ByteArrayInputStream(header)).next())
                .hasMessageContaining("limits");
    }

    @Example
    void anotherVersionIsNamed() {
        byte[] header = new byte[FrameWriter.HEADER];
        header[0] = 'N';
        header[1] = 'B';
        header[2] = 2;
        assertThatThrownBy(() -> new FrameReader(new ByteArrayInputStream(header)).next())
                .hasMessageContaining("version 2");
    }
}
