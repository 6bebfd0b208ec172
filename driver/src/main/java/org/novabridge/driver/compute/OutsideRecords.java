package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.novabridge.driver.model.BridgeException;

/** {@code <state_path>/outside}: of each instance what its caller must undo one day. Safe for use by many threads. */
final class OutsideRecords {
    private final StateFolder<OutsideRecord> folder;
    private final CrashPoint crashPoint;
    private final Map<String, OutsideRecord> records = new ConcurrentHashMap<>();

    OutsideRecords(Path statePath, CrashPoint crashPoint) {
        this.folder = new StateFolder<>(statePath.resolve("outside"), OutsideRecord.class, OutsideRecord.VERSION);
        this.crashPoint = crashPoint;
    }

    /**
     * Reads all records.
     *
     * @throws BridgeException INVALID_CONFIGURATION when one is newer than this bridge or unreadable
     */
    void load() {
        folder.load().forEach(kept -> records.put(kept.instance(), kept));
    }

    List<OutsideRecord> list() {
        return List.copyOf(records.values());
    }

    List<OutsideDevice> of(String uuid) {
        OutsideRecord kept = records.get(uuid);
        return kept == null ? List.of() : kept.devices();
    }

    /** Durable when it returns; nothing is kept of an instance that has nothing outside. */
    void save(String uuid, List<OutsideDevice> devices) {
        crashPoint.reach("outside before save");
        if (devices.isEmpty()) {
            folder.remove(Uuids.canonical(uuid));
            records.remove(uuid);
        } else {
            OutsideRecord changed = new OutsideRecord(OutsideRecord.VERSION, uuid, devices);
            folder.write(Uuids.canonical(uuid), changed);
            records.put(uuid, changed);
        }
        crashPoint.reach("outside after save");
    }
}
