package org.novabridge.driver.compute;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Small files that are either wholly the old or wholly the new one after any crash; mode 0600. */
final class DurableFile {
    static final String TEMPORARY = ".tmp";

    private DurableFile() {}

    /**
     * Creates the folder, 0700, when it is not there. Those above it are made as mkdir does: they are not ours alone
     * (Nova's state_path), and others have to pass through them.
     */
    static void folder(Path folder) {
        try {
            if (!Files.isDirectory(folder)) {
                Path above = folder.toAbsolutePath().getParent();
                if (above != null && !Files.exists(above)) {
                    Files.createDirectories(above);
                }
                Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException e) {
            throw failed("create", folder, e);
        }
    }

    static void write(Path file, byte[] content) {
        Path temporary = file.resolveSibling(file.getFileName() + TEMPORARY);
        try {
            Files.deleteIfExists(temporary);
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(file);
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    static void remove(Path file) {
        try {
            if (Files.deleteIfExists(file)) {
                force(file);
            }
        } catch (IOException e) {
            throw failed("remove", file, e);
        }
    }

    /** A rename or removal is on disk only once the folder is. */
    private static void force(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new UncheckedIOException(new IOException(file + " has no folder"));
        }
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static BridgeException failed(String verb, Path file, IOException cause) {
        return new BridgeException(
                ErrorCode.STORAGE_FAILED,
                "cannot " + verb + " " + file + ": " + cause.getMessage(),
                "state_path must be writable and must have room",
                cause);
    }
}
