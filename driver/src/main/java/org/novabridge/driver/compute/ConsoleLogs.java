package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * console.log of each guest: its end for readers, and a cap. Without virtlogd (stdio_handler = file)
 * QEMU writes for ever, and a guest could fill the host's disk; the blocks of the old part are given
 * back while QEMU goes on writing at its place, so the file keeps its length and loses its weight.
 */
final class ConsoleLogs {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleLogs.class);

    /** What is kept at least, and how much more makes a new cut worth while; virtlogd keeps 2 MiB a file. */
    static final long KEPT = 2L << 20;

    private static final long BLOCK = 4096;

    private final InstanceFolders folders;
    private final CommandExecutor executor;
    private final Map<String, Long> cutUpTo = new HashMap<>();

    ConsoleLogs(InstanceFolders folders, CommandExecutor executor) {
        this.folders = folders;
        this.executor = executor;
    }

    byte[] tail(String uuid, int tailBytes) {
        Path log = folders.of(uuid).resolve(InstanceFolders.CONSOLE_LOG);
        try (SeekableByteChannel channel =
                Files.newByteChannel(log, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            long size = channel.size();
            long wanted = Math.min(Math.min(Math.max(0, tailBytes), size), KEPT);
            channel.position(size - wanted);
            ByteBuffer buffer = ByteBuffer.allocate((int) wanted);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                // a short read goes on; the end of a file that was cut meanwhile ends it
            }
            return Arrays.copyOf(buffer.array(), buffer.position());
        } catch (NoSuchFileException e) {
            return new byte[0];
        } catch (IOException e) {
            throw new BridgeException(ErrorCode.STORAGE_FAILED, "cannot read the console log of " + uuid, null, e);
        }
    }

    /** Cuts the log of one guest when it has outgrown its cap. */
    void cap(String uuid) {
        Path log = folders.of(uuid).resolve(InstanceFolders.CONSOLE_LOG);
        try {
            if (!Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS)) {
                cutUpTo.remove(uuid);
                return;
            }
            long size = Files.size(log);
            long from = cutUpTo.getOrDefault(uuid, 0L);
            if (size < from) {
                from = 0;
            }
            if (size - from < 2 * KEPT) {
                return;
            }
            long to = (size - KEPT) / BLOCK * BLOCK;
            executor.run(Command.of(
                            Tool.FALLOCATE,
                            "--punch-hole",
                            "--offset",
                            Long.toString(from),
                            "--length",
                            Long.toString(to - from),
                            log.toString())
                    .withEffect(Effect.WRITES));
            cutUpTo.put(uuid, to);
        } catch (IOException | CommandFailedException e) {
            LOG.warn("cannot cap {}", log, e);
        }
    }
}
