package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.novabridge.driver.model.BridgeException;

/** {@code <state_path>/operations}: one file per operation, written before each step it describes. */
final class Journal {
    private final StateFolder<JournalEntry> folder;
    private final CrashPoint crashPoint;

    Journal(Path statePath, CrashPoint crashPoint) {
        this.folder = new StateFolder<>(statePath.resolve("operations"), JournalEntry.class, JournalEntry.VERSION);
        this.crashPoint = crashPoint;
    }

    /**
     * Everything in the journal, oldest first. Reads all before anything is changed.
     *
     * @throws BridgeException INVALID_CONFIGURATION when one file is newer than this bridge or unreadable
     */
    List<JournalEntry> load() {
        return folder.load().stream()
                .sorted(Comparator.comparing(JournalEntry::created).thenComparing(JournalEntry::id))
                .toList();
    }

    void write(JournalEntry entry) {
        String what = entry.kind().word() + " " + entry.phase();
        crashPoint.reach("journal before " + what);
        folder.write(entry.id(), entry);
        crashPoint.reach("journal after " + what);
    }

    CrashPoint crashPoint() {
        return crashPoint;
    }

    void remove(String id) {
        folder.remove(id);
    }
}
