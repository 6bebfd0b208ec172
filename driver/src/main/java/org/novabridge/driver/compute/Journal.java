package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** {@code <state_path>/operations}: one file per operation, written before each step it describes. */
final class Journal {
    private static final String SUFFIX = ".json";

    private final Path folder;
    private final CrashPoint crashPoint;

    Journal(Path statePath, CrashPoint crashPoint) {
        this.folder = statePath.resolve("operations");
        this.crashPoint = crashPoint;
        DurableFile.folder(folder);
    }

    /**
     * Everything in the journal, oldest first. Reads all before anything is changed.
     *
     * @throws BridgeException INVALID_CONFIGURATION when one file is newer than this bridge or unreadable
     */
    List<JournalEntry> load() {
        List<JournalEntry> entries = new ArrayList<>();
        List<Path> halfWritten = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(SUFFIX)) {
                    entries.add(StateJson.read(file, JournalEntry.class, JournalEntry.VERSION));
                } else if (name.endsWith(DurableFile.TEMPORARY)) {
                    halfWritten.add(file);
                }
            }
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION, "cannot read " + folder + ": " + e.getMessage(), null, e);
        }
        halfWritten.forEach(DurableFile::remove);
        entries.sort(Comparator.comparing(JournalEntry::created).thenComparing(JournalEntry::id));
        return entries;
    }

    void write(JournalEntry entry) {
        String what = entry.kind().word() + " " + entry.phase();
        crashPoint.reach("journal before " + what);
        DurableFile.write(file(entry.id()), StateJson.bytes(entry));
        crashPoint.reach("journal after " + what);
    }

    CrashPoint crashPoint() {
        return crashPoint;
    }

    void remove(String id) {
        DurableFile.remove(file(id));
    }

    private Path file(String id) {
        return folder.resolve(id + SUFFIX);
    }
}
