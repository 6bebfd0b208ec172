package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.novabridge.driver.model.BridgeException;

/** {@code <state_path>/instances}: the record of each instance made here. Safe for use by many threads. */
final class InstanceRecords {
    private final StateFolder<InstanceRecord> folder;
    private final CrashPoint crashPoint;
    private final Map<String, InstanceRecord> records = new ConcurrentHashMap<>();

    InstanceRecords(Path statePath, CrashPoint crashPoint) {
        this.folder = new StateFolder<>(statePath.resolve("instances"), InstanceRecord.class, InstanceRecord.VERSION);
        this.crashPoint = crashPoint;
    }

    /**
     * Reads all records.
     *
     * @throws BridgeException INVALID_CONFIGURATION when one is newer than this bridge or unreadable
     */
    void load() {
        folder.load().forEach(kept -> records.put(kept.uuid(), kept));
    }

    Optional<InstanceRecord> find(String uuid) {
        return Optional.ofNullable(records.get(uuid));
    }

    List<InstanceRecord> list() {
        return List.copyOf(records.values());
    }

    void save(InstanceRecord changed) {
        crashPoint.reach("record before save");
        folder.write(Uuids.canonical(changed.uuid()), changed);
        records.put(changed.uuid(), changed);
        crashPoint.reach("record after save");
    }

    void remove(String uuid) {
        crashPoint.reach("record before removal");
        folder.remove(Uuids.canonical(uuid));
        records.remove(uuid);
        crashPoint.reach("record after removal");
    }
}
