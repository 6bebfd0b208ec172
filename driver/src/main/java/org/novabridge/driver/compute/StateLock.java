package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * {@code <state_path>/bridge.lock}: one bridge per state path; {@code host-tuning.lock}: one change of the host's tuning at a
 * time, beside a running bridge. The kernel frees them when the process ends.
 */
public final class StateLock implements AutoCloseable {
    private final FileChannel channel;

    private StateLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock of the bridge.
     *
     * @throws BridgeException INVALID_CONFIGURATION when another process holds it, or another user commands the folder
     */
    public static StateLock take(Path statePath) {
        return take(
                statePath,
                "bridge.lock",
                "another bridge",
                "stop the other bridge, or give this one a state_path of its own");
    }

    /**
     * Takes the lock of host apply and host undo.
     *
     * @throws BridgeException as {@link #take}
     */
    public static StateLock takeForTuning(Path statePath) {
        return take(statePath, "host-tuning.lock", "another host apply or host undo", "wait until it has ended");
    }

    private static StateLock take(Path statePath, String name, String other, String remedy) {
        DurableFile.folder(statePath);
        TrustedPath.demand(statePath, "state_path");
        Path file = statePath.resolve(name);
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            FileLock lock = lock(channel);
            if (lock == null) {
                String holder = holder(channel);
                channel.close();
                throw new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "state_path " + statePath + " is in use by " + other + holder,
                        remedy);
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return new StateLock(channel);
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "cannot lock " + file + ": " + e.getMessage(),
                    "state_path must be a writable folder on a file system with locks",
                    e);
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        channel.read(text, 0);
        String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).trim();
        return pid.isEmpty() ? "" : " (process " + pid + ")";
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new BridgeException(ErrorCode.INTERNAL, "cannot release a lock of state_path", null, e);
        }
    }
}
