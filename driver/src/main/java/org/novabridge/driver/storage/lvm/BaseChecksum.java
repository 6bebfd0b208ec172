package org.novabridge.driver.storage.lvm;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.novabridge.driver.model.Sha256;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;

/**
 * What an image's base holds, as one number that its tag keeps: SHA-256 over its pieces of 64 KiB that are not all zeros, in
 * their order, each behind its number (8 bytes, big-endian).
 *
 * <p>So the bases of all sizes of an image have the same one, and what is unallocated costs no hashing. {@link BaseReader}
 * gives it the bytes.
 */
final class BaseChecksum {
    static final int PIECE = 64 << 10;

    /** How much is read at once. */
    static final int READ = 64 * PIECE;

    /** A hole up to this size is read, too: that takes less time than to begin to read once more. */
    static final long HOLE = 64L << 20;

    private static final byte[] ZEROS = new byte[PIECE];

    private final MessageDigest digest = Sha256.begin();
    private final byte[] piece = new byte[PIECE];
    private int filled;
    private long number;

    /**
     * What is to be read, in whole {@link #READ}s.
     *
     * @param size bytes that there are
     * @param where it may hold something; the rest counts as zeros
     */
    static List<Range> reads(long size, Allocation where) {
        List<Range> reads = new ArrayList<>();
        for (Range range : where.allocated()) {
            long from = range.from() / READ * READ;
            long to = Math.min((range.to() + READ - 1) / READ * READ, size);
            if (from >= to) {
                continue;
            }
            Range last = reads.isEmpty() ? null : reads.get(reads.size() - 1);
            if (last != null && from - last.to() <= HOLE) {
                reads.set(reads.size() - 1, new Range(last.from(), Math.max(to, last.to())));
            } else {
                reads.add(new Range(from, to));
            }
        }
        return reads;
    }

    /** The next bytes are those of this place. */
    void at(long position) {
        number = position / PIECE;
    }

    void add(byte[] bytes, int from, int length) {
        for (int done = 0; done < length; ) {
            int taken = Math.min(length - done, PIECE - filled);
            System.arraycopy(bytes, from + done, piece, filled, taken);
            filled += taken;
            done += taken;
            if (filled == PIECE) {
                whole();
            }
        }
    }

    /** What is behind the end of the bytes counts as zeros. */
    void end() {
        if (filled > 0) {
            add(ZEROS, 0, PIECE - filled);
        }
    }

    private void whole() {
        if (!Arrays.equals(piece, ZEROS)) {
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
            digest.update(piece);
        }
        number++;
        filled = 0;
    }

    /** 64 hexadecimal digits; the last that is asked of it. */
    String hex() {
        return Sha256.hex(digest);
    }
}
