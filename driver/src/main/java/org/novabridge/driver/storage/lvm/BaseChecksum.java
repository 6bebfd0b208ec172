package org.novabridge.driver.storage.lvm;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.Sha256;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.StorageFailures;

/**
 * What an image's base holds, as one number that its tag keeps: SHA-256 over its pieces of 64 KiB that are not all zeros, in
 * their order, each behind its number (8 bytes, big-endian).
 *
 * <p>So the bases of all sizes of an image have the same one, and what is unallocated costs no hashing. It is read
 * past the page cache: what counts is what guests will read from the device.
 */
final class BaseChecksum {
    static final int PIECE = 64 << 10;

    private static final String PHASE = "read the base of the image for its checksum";

    /** For O_DIRECT: no device of today has larger blocks. */
    private static final int ALIGNED = 4096;

    private static final int READ = 64 * PIECE;
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(PIECE).asReadOnlyBuffer();

    private final MessageDigest digest = Sha256.begin();

    private BaseChecksum() {}

    /** Reads all of a device. */
    static String of(Path device, Progress progress) {
        return of(device, null, progress);
    }

    /**
     * Reads a device.
     *
     * @param where it may hold something; the rest is not read, and counts as zeros; null for everywhere
     * @return 64 hexadecimal digits
     * @throws org.novabridge.driver.model.BridgeException STORAGE_FAILED when it cannot be read; CANCELLED
     */
    static String of(Path device, @Nullable Allocation where, Progress progress) {
        try (FileChannel channel =
                FileChannel.open(device.toRealPath(), StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
            long size = channel.size();
            return of(channel, size, where == null ? Allocation.everywhere(size) : where, progress);
        } catch (IOException e) {
            throw StorageFailures.of("reading " + device, e);
        }
    }

    /** @param size bytes that there are */
    static String of(FileChannel channel, long size, Allocation where, Progress progress) throws IOException {
        BaseChecksum checksum = new BaseChecksum();
        ByteBuffer buffer = ByteBuffer.allocateDirect(READ + ALIGNED).alignedSlice(ALIGNED);
        Iterator<Range> ranges = where.allocated().iterator();
        Range range = ranges.hasNext() ? ranges.next() : null;
        for (long at = 0; at < size; at += READ) {
            while (range != null && range.to() <= at) {
                range = ranges.hasNext() ? ranges.next() : null;
            }
            if (range == null || range.from() >= at + READ) {
                continue;
            }
            StorageFailures.checkCancelled(progress, PHASE);
            progress.report(PHASE, 100.0 * at / size);
            fill(channel, at, size, buffer);
            for (int piece = 0; piece < READ / PIECE; piece++) {
                checksum.piece(at / PIECE + piece, buffer.slice(piece * PIECE, PIECE));
            }
        }
        return Sha256.hex(checksum.digest);
    }

    /** What is behind the end counts as zeros. */
    private static void fill(FileChannel channel, long at, long size, ByteBuffer buffer) throws IOException {
        int length = (int) Math.min(READ, size - at);
        buffer.clear().limit(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new IOException("it ends at byte " + (at + buffer.position()) + ", before its size of " + size);
            }
        }
        buffer.limit(READ);
        if (length < READ) {
            buffer.put(length, new byte[READ - length]);
        }
    }

    private void piece(long number, ByteBuffer bytes) {
        if (bytes.mismatch(ZEROS) >= 0) {
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
            digest.update(bytes);
        }
    }
}
