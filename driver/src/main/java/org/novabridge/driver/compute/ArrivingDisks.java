package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.StorageFailures;
import org.novabridge.driver.transfer.DiskReceiver;

/** The new disks of an instance that comes, open. Written to by one thread, closed when it has ended. */
final class ArrivingDisks implements DiskReceiver.Target, AutoCloseable {
    /** So much lies in the page cache at most: all of a large disk at its end would take longer than anybody waits. */
    private static final long FLUSH = 64L << 20;

    private final List<DiskBytes> open = new ArrayList<>();
    private long unsafe;

    private ArrivingDisks() {}

    /** All of them, or none is open. */
    static ArrivingDisks open(List<Supplier<DiskBytes>> disks) {
        ArrivingDisks arriving = new ArrivingDisks();
        try {
            disks.forEach(disk -> arriving.open.add(disk.get()));
            return arriving;
        } catch (RuntimeException e) {
            try {
                arriving.close();
            } catch (RuntimeException later) {
                e.addSuppressed(later);
            }
            throw e;
        }
    }

    @Override
    public void write(int disk, long offset, ByteBuffer data) throws IOException {
        long at = offset;
        while (data.hasRemaining()) {
            at += open.get(disk).write(data, at);
        }
        unsafe += at - offset;
        if (unsafe >= FLUSH) {
            open.get(disk).flush();
            unsafe = 0;
        }
    }

    @Override
    public void finish(int disk) throws IOException {
        open.get(disk).flush();
        unsafe = 0;
    }

    /** A thread that waits in one of them is to leave it. Of any thread, while they are open or later. */
    void abandon() {
        open.forEach(DiskBytes::abandon);
    }

    /**
     * Each, whatever becomes of the others: one may be a program that has its file open.
     *
     * @throws BridgeException STORAGE_FAILED, STORAGE_FULL of the first that fails, the others with it
     */
    @Override
    public void close() {
        RuntimeException failure = null;
        for (DiskBytes bytes : open) {
            RuntimeException one = closed(bytes);
            if (failure == null) {
                failure = one;
            } else if (one != null) {
                failure.addSuppressed(one);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable RuntimeException closed(DiskBytes bytes) {
        try {
            bytes.close();
            return null;
        } catch (IOException e) {
            return StorageFailures.of("closing the disks", e);
        } catch (RuntimeException e) {
            return e;
        }
    }
}
