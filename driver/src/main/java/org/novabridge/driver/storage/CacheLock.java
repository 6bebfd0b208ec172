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
import java.util.UUID;
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
    /** Nova's name of the folder, in instances_path. */
    static final String LOCKS = "locks";

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
        String name = String.valueOf(lockFile.getFileName());
        try (WorkFolder work = workFolder(lockFile, owner);
                HeldFolder folder = work.around().below(LOCKS);
                HeldFile file = open(name, folder, work, owner)) {
            channel = FileChannel.open(file.path(), StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            // Nova's cache cleaner deletes lock files: the lock of a deleted one excludes nobody. The same
            // inode under the name as the one opened means that it is still there.
            if (lock != null && identity(file.path()).equals(identity(folder.at(name)))) {
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

    private static WorkFolder workFolder(Path lockFile, FileOwner owner) throws IOException {
        Path locks = Objects.requireNonNull(lockFile.getParent());
        owner.makeFolder(locks);
        return WorkFolder.in(Objects.requireNonNull(locks.getParent()));
    }

    /** Nova may write to the folder: the file is made elsewhere and then linked in, and a link there is not followed. */
    private static HeldFile open(String name, HeldFolder folder, WorkFolder work, FileOwner owner) throws IOException {
        try {
            return folder.file(name);
        } catch (NoSuchFileException e) {
            String fresh = name + "." + UUID.randomUUID();
            owner.makePrivate(work.at(fresh), null);
            owner.finish(work.at(fresh));
            try {
                work.placeNew(fresh, folder, name);
            } catch (FileAlreadyExistsException meanwhile) {
                return folder.file(name);
            }
            return folder.file(name);
        }
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
