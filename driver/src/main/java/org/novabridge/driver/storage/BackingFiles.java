package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which bases the disks in instances_path read: of every guest whose folder is there, also those of stock Nova and of
 * other hosts that share it, of unconfirmed resizes and half-done removals. The name of the backing file is read from
 * each file that looks like qcow2, whatever its disk is recorded as. A guest can write such a header into a raw disk;
 * all it gains is that a base is kept.
 */
final class BackingFiles {
    private BackingFiles() {}

    /**
     * The last parts of the names of backing files, as Nova takes them: another host may have mounted the folder
     * elsewhere.
     *
     * @throws IOException when something cannot be read: then nothing may be judged unused
     */
    static Set<String> names(Path instances) throws IOException {
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(instances)) {
            for (Path folder : folders) {
                if (Files.isDirectory(folder)) {
                    collect(folder, names);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    private static void collect(Path folder, Set<String> names) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                backingFile(file).map(Path::getFileName).map(Path::toString).ifPresent(names::add);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // Removed meanwhile, and its disks with it.
            return;
        }
    }

    private static Optional<Path> backingFile(Path file) throws IOException {
        // Links are followed: a disk that was moved elsewhere still needs its base. Only the header is read.
        try (HeldFile held = HeldFile.followed(file)) {
            if (!held.attributes().isRegularFile()) {
                return Optional.empty();
            }
            try (FileChannel channel = FileChannel.open(held.path(), StandardOpenOption.READ)) {
                return QcowHeader.backingFile(new HeaderBytes(channel));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
