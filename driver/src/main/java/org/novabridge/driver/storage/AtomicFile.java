package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Small files in folders that only root writes to, each of which is wholly the old or wholly the new one after any
 * crash: written under another name, flushed, renamed, and the folder flushed, for a rename is on disk only once that is.
 */
public final class AtomicFile {
    /** What the name of a half-written file ends in. */
    public static final String TEMPORARY = ".tmp";

    private AtomicFile() {}

    /**
     * Makes or replaces a file.
     *
     * @param mode as in {@code rw-r--r--}
     * @throws IOException and then the old file is there, or none
     */
    public static void write(Path file, byte[] content, String mode) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
        Files.deleteIfExists(temporary);
        try (FileChannel channel = FileChannel.open(
                temporary,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)))) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        FileOwner.sync(folder(file));
    }

    /** Removes a file for good, or does nothing when there is none. */
    public static void remove(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            FileOwner.sync(folder(file));
        }
    }

    private static Path folder(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " has no folder");
        }
        return folder;
    }
}
