package org.novabridge.driver.storage.lvm;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

/**
 * The right of one thread of this process to need a base, or to remove it. Any number may need it at a time, from
 * before they look for it until their clone is made; it is removed only while none does. It belongs to the name of the
 * base for the life of the process, as the lock of its group does.
 */
final class BaseClaim implements AutoCloseable {
    private static final Map<String, ReadWriteLock> CLAIMS = new ConcurrentHashMap<>();

    private static final long WAIT_MILLIS = 200;

    private final Lock lock;

    private BaseClaim(Lock lock) {
        this.lock = lock;
    }

    /**
     * The claim of who needs the base; waits while it is being removed, which takes as long as one LVM command.
     *
     * @throws BridgeException CANCELLED, INTERRUPTED
     */
    static BaseClaim need(String group, String base, Progress progress) {
        Lock lock = of(group, base).readLock();
        await(lock, "wait for the removal of the old base of this image", progress);
        return new BaseClaim(lock);
    }

    /**
     * Takes a lock that somebody may hold for long.
     *
     * @throws BridgeException CANCELLED, INTERRUPTED
     */
    static void await(Lock lock, String phase, Progress progress) {
        try {
            while (!lock.tryLock(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                progress.report(phase, -1);
                if (progress.cancelled()) {
                    throw new BridgeException(ErrorCode.CANCELLED, "cancelled while waiting for the base of the image");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BridgeException(ErrorCode.INTERRUPTED, "interrupted while waiting for a base image", null, e);
        }
    }

    /** The claim of who removes the base; empty while anybody needs it. */
    static Optional<BaseClaim> remove(String group, String base) {
        Lock lock = of(group, base).writeLock();
        return lock.tryLock() ? Optional.of(new BaseClaim(lock)) : Optional.empty();
    }

    private static ReadWriteLock of(String group, String base) {
        return CLAIMS.computeIfAbsent(group + "/" + base, unused -> new ReentrantReadWriteLock());
    }

    @Override
    public void close() {
        lock.unlock();
    }
}
