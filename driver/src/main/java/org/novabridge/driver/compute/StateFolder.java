package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.AtomicFile;

/**
 * A folder below the state path with one JSON file for each thing of a kind, 0700 and 0600.
 *
 * @param <T> the kind; its files carry a {@code version}
 */
final class StateFolder<T> {
    private static final String SUFFIX = ".json";

    private final Path folder;
    private final Class<T> type;
    private final int version;

    /**
     * Makes the folder when it is not there.
     *
     * @param version the newest version of the files that this bridge knows
     */
    StateFolder(Path folder, Class<T> type, int version) {
        this.folder = folder;
        this.type = type;
        this.version = version;
        DurableFile.folder(folder);
    }

    /**
     * All of them, in no order. Reads everything before anything is changed; then removes what a dead
     * bridge had half written.
     *
     * @throws BridgeException INVALID_CONFIGURATION when one file is newer than this bridge or unreadable
     */
    List<T> load() {
        List<T> found = new ArrayList<>();
        List<Path> halfWritten = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(SUFFIX)) {
                    found.add(StateJson.read(file, type, version));
                } else if (name.endsWith(AtomicFile.TEMPORARY)) {
                    halfWritten.add(file);
                }
            }
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION, "cannot read " + folder + ": " + e.getMessage(), null, e);
        }
        halfWritten.forEach(DurableFile::remove);
        return found;
    }

    /** @param name of the file, without suffix: an id that was checked */
    void write(String name, T content) {
        DurableFile.write(file(name), StateJson.bytes(content));
    }

    void remove(String name) {
        DurableFile.remove(file(name));
    }

    private Path file(String name) {
        return folder.resolve(name + SUFFIX);
    }
}
