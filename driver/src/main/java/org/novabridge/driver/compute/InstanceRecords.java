package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** {@code <state_path>/instances}: the record of each instance made here. Safe for use by many threads. */
final class InstanceRecords {
    private static final String SUFFIX = ".json";

    private final Path folder;
    private final CrashPoint crashPoint;
    private final Map<String, InstanceRecord> records = new ConcurrentHashMap<>();

    InstanceRecords(Path statePath, CrashPoint crashPoint) {
        this.folder = statePath.resolve("instances");
        this.crashPoint = crashPoint;
        DurableFile.folder(folder);
    }

    /**
     * Reads all records.
     *
     * @throws BridgeException INVALID_CONFIGURATION when one is newer than this bridge or unreadable
     */
    void load() {
        List<Path> halfWritten = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(SUFFIX)) {
                    InstanceRecord kept = StateJson.read(file, InstanceRecord.class, InstanceRecord.VERSION);
                    records.put(kept.uuid(), kept);
                } else if (name.endsWith(DurableFile.TEMPORARY)) {
                    halfWritten.add(file);
                }
            }
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION, "cannot read " + folder + ": " + e.getMessage(), null, e);
        }
        halfWritten.forEach(DurableFile::remove);
    }

    Optional<InstanceRecord> find(String uuid) {
        return Optional.ofNullable(records.get(uuid));
    }

    List<InstanceRecord> list() {
        return List.copyOf(records.values());
    }

    void save(InstanceRecord changed) {
        crashPoint.reach("record before save");
        DurableFile.write(file(changed.uuid()), StateJson.bytes(changed));
        records.put(changed.uuid(), changed);
        crashPoint.reach("record after save");
    }

    void remove(String uuid) {
        crashPoint.reach("record before removal");
        DurableFile.remove(file(uuid));
        records.remove(uuid);
        crashPoint.reach("record after removal");
    }

    private Path file(String uuid) {
        return folder.resolve(Uuids.canonical(uuid) + SUFFIX);
    }
}
