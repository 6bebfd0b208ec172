package org.novabridge.driver.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.novabridge.driver.model.Sha256;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;

/**
 * Sends disks as frames, one after the other: of each what is allocated, and of that what is not zero. The receiver's
 * disks are nothing but zeroes before.
 */
public final class DiskSender {
    /** Zeroes are left out in pieces of this size, at places that are its multiples. */
    private static final int PIECE = 64 << 10;

    /** The receiver waits as long as it hears something, and of a large disk there may be nothing to send for long. */
    private static final long SIGN_NANOS = Duration.ofSeconds(5).toNanos();

    private static final byte[] ZEROES = new byte[PIECE];

    private final FrameWriter to;
    private final Watch watch;
    private final MessageDigest all = Sha256.begin();
    private final LongSupplier nanoTime;
    private int disks;
    private long sent;
    private long lastSign;

    /** Told of what has been looked at; ends the transfer by an exception. */
    @FunctionalInterface
    public interface Watch {
        /** @param bytes that the next step has gone through, sent or not */
        void passed(int disk, long bytes) throws IOException;
    }

    public DiskSender(FrameWriter to, Watch watch) {
        this(to, watch, System::nanoTime);
    }

    DiskSender(FrameWriter to, Watch watch, LongSupplier nanoTime) {
        this.to = to;
        this.watch = watch;
        this.nanoTime = nanoTime;
        this.lastSign = nanoTime.getAsLong();
    }

    /** The next disk. */
    public void disk(DiskBytes from, Allocation allocation) throws IOException {
        DiskDigest digest = new DiskDigest();
        for (Range range : allocation.allocated()) {
            for (long at = range.from(); at < range.to(); ) {
                long end = Math.min(range.to(), (at / Frame.MAX_DATA + 1) * Frame.MAX_DATA);
                chunk(at, read(from, at, (int) (end - at)), digest);
                watch.passed(disks, end - at);
                sign();
                at = end;
            }
        }
        byte[] checksum = digest.ended(allocation.size());
        to.write(new Frame(Frame.Kind.DISK_END, disks, allocation.size(), checksum));
        all.update(checksum);
        disks++;
    }

    private void sign() throws IOException {
        long now = nanoTime.getAsLong();
        if (now - lastSign >= SIGN_NANOS) {
            to.write(new Frame(Frame.Kind.ALIVE, disks, 0, new byte[0]));
            to.flush();
            lastSign = now;
        }
    }

    /** That was all. */
    public void end() throws IOException {
        to.write(new Frame(Frame.Kind.END, disks, 0, all.digest()));
        to.flush();
    }

    /** Bytes of disks that were sent. */
    public long sent() {
        return sent;
    }

    private static byte[] read(DiskBytes from, long at, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (from.read(buffer, at + buffer.position()) < 0) {
                throw new IOException("the disk ends at " + (at + buffer.position()) + ", before its size");
            }
        }
        return buffer.array();
    }

    /** Runs of pieces that are not zero, each as one frame. */
    private void chunk(long at, byte[] bytes, DiskDigest digest) throws IOException {
        int from = 0;
        while (from < bytes.length) {
            while (from < bytes.length && zero(bytes, from, pieceEnd(at, from, bytes.length))) {
                from = pieceEnd(at, from, bytes.length);
            }
            int to = from;
            while (to < bytes.length && !zero(bytes, to, pieceEnd(at, to, bytes.length))) {
                to = pieceEnd(at, to, bytes.length);
            }
            if (to > from) {
                data(at + from, Arrays.copyOfRange(bytes, from, to), digest);
            }
            from = to;
        }
    }

    private void data(long offset, byte[] data, DiskDigest digest) throws IOException {
        digest.data(offset, data);
        to.write(new Frame(Frame.Kind.DATA, disks, offset, data));
        sent += data.length;
    }

    private static int pieceEnd(long at, int from, int length) {
        return (int) Math.min(length, ((at + from) / PIECE + 1) * PIECE - at);
    }

    private static boolean zero(byte[] bytes, int from, int to) {
        return Arrays.equals(bytes, from, to, ZEROES, 0, to - from);
    }
}
