package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Nova's own lock of a base file: {@code <instances_path>/locks/nova-<name of the base>}, an fcntl lock
 * of the whole file as oslo.concurrency takes it (nova/utils.py {@code synchronized}, prefix
 * {@code nova-}; fasteners' InterProcessLock uses {@code lockf}), so that a stock nova-compute on this
 * instances_path and we do not fill one base at the same time. fcntl locks belong to the process;
 * between threads a lock of the JVM stands before it.
 */
final class CacheLock implements AutoCloseable {
    private static final Map<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();
    private static final long POLL_MILLIS = 200;

    private final ReentrantLock inProcess;
    private final FileChannel channel;
    private final FileLock lock;

    private CacheLock(ReentrantLock inProcess, FileChannel channel, FileLock lock) {
        this.inProcess = inProcess;
        this.channel = channel;
        this.lock = lock;
    }

    /** Waits for the lock; CANCELLED when the caller gives up. */
    static CacheLock acquire(Path lockFile, FileOwner owner, Progress progress) throws IOException {
        while (true) {
            CacheLock held = attempt(lockFile, owner, POLL_MILLIS);
            if (held != null) {
                return held;
            }
            StorageFailures.checkCancelled(progress, "waiting for " + lockFile);
            progress.report("wait for another fill of the same image", -1);
            pause();
        }
    }

    /** The lock, or null when somebody has it. */
    static @Nullable CacheLock tryAcquire(Path lockFile, FileOwner owner) throws IOException {
        return attempt(lockFile, owner, 0);
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BridgeException(ErrorCode.INTERRUPTED, "interrupted while waiting for a cache lock");
        }
    }

    private static @Nullable CacheLock attempt(Path lockFile, FileOwner owner, long patience) throws IOException {
        ReentrantLock inProcess = IN_PROCESS.computeIfAbsent(lockFile.toAbsolutePath(), file -> new ReentrantLock());
        try {
            if (inProcess.isHeldByCurrentThread()) {
                throw new IllegalStateException("the cache lock " + lockFile + " is not to be taken twice");
            }
            if (!inProcess.tryLock(patience, TimeUnit.MILLISECONDS)) {
                return null;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
        FileChannel channel = null;
        CacheLock held = null;
        try {
            Object identity = makeFile(lockFile, owner);
            channel = FileChannel.open(lockFile, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            // Nova's cache cleaner deletes lock files: the lock of a deleted one excludes nobody. The same
            // inode under the name before and after means that it was the one opened.
            if (lock != null && identity.equals(identity(lockFile))) {
                held = new CacheLock(inProcess, channel, lock);
            }
            return held;
        } catch (OverlappingFileLockException | NoSuchFileException e) {
            return null;
        } finally {
            if (held == null) {
                if (channel != null) {
                    channel.close();
                }
                inProcess.unlock();
            }
        }
    }

    private static Object makeFile(Path lockFile, FileOwner owner) throws IOException {
        owner.makeFolder(Objects.requireNonNull(lockFile.getParent()));
        try {
            Files.createFile(lockFile);
            owner.finish(lockFile);
        } catch (FileAlreadyExistsException e) {
            return identity(lockFile);
        }
        return identity(lockFile);
    }

    private static Object identity(Path file) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    }

    @Override
    public void close() throws IOException {
        try {
            lock.release();
            channel.close();
        } finally {
            inProcess.unlock();
        }
    }
}
