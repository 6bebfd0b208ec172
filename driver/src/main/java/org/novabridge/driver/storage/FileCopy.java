package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;

/** Copies files without reading their meaning: shared extents where the file system can, holes kept. */
public final class FileCopy {
    private final CommandExecutor executor;
    private final Duration stall;

    public FileCopy(CommandExecutor executor, Duration stall) {
        this.executor = executor;
        this.stall = stall;
    }

    /**
     * Copies to a file that does not exist yet or is empty. The source may lie in a folder of Nova's, and cp runs as
     * root: it gets the very file that was looked at, so that no link put there meanwhile makes it read another.
     *
     * @throws BridgeException STORAGE_FAILED, also when the source is no regular file
     */
    public void copy(Path source, Path target, Progress progress) {
        try (HeldFile from = HeldFile.regular(source)) {
            copy(from, target, progress);
        } catch (IOException e) {
            throw StorageFailures.of("copying " + source + " to " + named(target), e);
        }
    }

    /** As {@link #copy(Path, Path, Progress)}, of a file that is held already. */
    void copy(HeldFile from, Path target, Progress progress) {
        progress.report("copy " + from.name().getFileName(), -1);
        try {
            executor.run(Command.of(
                            Tool.CP,
                            "--reflink=auto",
                            "--sparse=always",
                            "--",
                            from.path().toString(),
                            target.toString())
                    .withEffect(Effect.WRITES)
                    .withDeadline(null)
                    .withIdleDeadline(stall)
                    .withCancellation(progress::cancelled));
        } catch (CommandFailedException e) {
            throw StorageFailures.of("copying " + from + " to " + named(target), e);
        }
    }

    /** A target in a folder that is held by a descriptor, by the name that an operator knows. */
    private static Path named(Path target) {
        try {
            Path folder = target.toAbsolutePath().getParent();
            return folder == null ? target : folder.toRealPath().resolve(target.getFileName());
        } catch (IOException e) {
            return target;
        }
    }

    /** Renames within a file system, else copies and removes the source. */
    public void move(Path source, Path target, Progress progress) throws IOException {
        try {
            Files.move(source, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.deleteIfExists(target);
            copy(source, target, progress);
            Files.delete(source);
        }
    }
}
