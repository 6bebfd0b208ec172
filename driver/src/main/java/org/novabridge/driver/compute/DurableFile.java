package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.AtomicFile;

/** Small files that are either wholly the old or wholly the new one after any crash; mode 0600. */
final class DurableFile {
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
        try {
            AtomicFile.write(file, content, "rw-------");
        } catch (IOException e) {
            throw failed("write", file, e);
        }
    }

    static void remove(Path file) {
        try {
            AtomicFile.remove(file);
        } catch (IOException e) {
            throw failed("remove", file, e);
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
