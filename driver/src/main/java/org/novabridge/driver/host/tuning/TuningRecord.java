package org.novabridge.driver.host.tuning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.AtomicFile;
import org.novabridge.driver.storage.FileOwner;

/**
 * What {@code host apply} has changed, with what was there before: on disk before each change is made, so that a kill at
 * any place leaves a record that knows at least what was done. Believed by root, so only root may have written it, and
 * only paths of the kernel and of our own files may be in it.
 */
final class TuningRecord {
    static final int VERSION = 1;
    private static final int OTHERS_WRITE = 0022;
    private static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** What was changed. */
    enum Kind {
        KERNEL,
        FILE,
        FOLDER
    }

    /**
     * One thing.
     *
     * @param before what was there before the first change of ours; null for a file or folder that was not there
     * @param written everything that we may have put there since
     * @param disk identity of the disk whose queue it is; null where it is none, or has none
     */
    record Entry(
            Kind kind,
            String path,
            @Nullable String before,
            List<String> written,
            @Nullable String disk) {
        Entry {
            written = List.copyOf(written);
        }

        /** Whether we have put it there. Of huge pages the kernel gives as many as it finds: anything on the way there is ours. */
        boolean ours(String now) {
            if (written.contains(now)) {
                return true;
            }
            if (!path.endsWith("/nr_hugepages") || before == null || !isCount(now) || !isCount(before)) {
                return false;
            }
            long here = Long.parseLong(now);
            long was = Long.parseLong(before);
            return written.stream()
                    .filter(Entry::isCount)
                    .mapToLong(Long::parseLong)
                    .anyMatch(text -> here >= Math.min(text, was) && here <= Math.max(text, was));
        }

        private static boolean isCount(String text) {
            return text.matches("[0-9]{1,18}");
        }

        /** Whether what is recorded is of the thing that the change finds: neither another disk, nor a value of somebody else's. */
        private boolean goesOn(Entry change) {
            return kind != Kind.KERNEL
                    || (Objects.equals(disk, change.disk)
                            && change.before != null
                            && (change.before.equals(before) || ours(change.before)));
        }

        private Entry with(String value) {
            List<String> all = new ArrayList<>(written);
            if (!all.contains(value)) {
                all.add(value);
            }
            return new Entry(kind, path, before, all, disk);
        }
    }

    /** The file's form. */
    record Document(int version, List<Entry> entries) {}

    private final Path file;
    private final List<Entry> entries;

    private TuningRecord(Path file, List<Entry> entries) {
        this.file = file;
        this.entries = new ArrayList<>(entries);
    }

    /**
     * Reads it; there is none before the first apply.
     *
     * @throws BridgeException INVALID_CONFIGURATION when it is no such record, of a newer version, or somebody else's
     */
    static TuningRecord read(Path file) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return new TuningRecord(file, List.of());
        }
        try {
            Map<String, Object> attributes =
                    Files.readAttributes(file, "unix:uid,mode,isRegularFile,size", LinkOption.NOFOLLOW_LINKS);
            int mode = (Integer) attributes.getOrDefault("mode", OTHERS_WRITE);
            if (!Boolean.TRUE.equals(attributes.get("isRegularFile"))
                    || !Integer.valueOf(FileOwner.ownUid()).equals(attributes.get("uid"))
                    || (mode & OTHERS_WRITE) != 0
                    || (Long) attributes.getOrDefault("size", Long.MAX_VALUE) > MAX_BYTES) {
                throw unusable(file, "others than root could have written it, or it is no plain file", null);
            }
            byte[] bytes = Files.readAllBytes(file);
            int version = MAPPER.readTree(bytes).path("version").asInt(0);
            if (version != VERSION) {
                throw unusable(file, "it has version " + version + ", and this nova-bridge knows " + VERSION, null);
            }
            List<Entry> entries = MAPPER.readValue(bytes, Document.class).entries();
            for (Entry entry : entries) {
                if (!allowed(entry)) {
                    throw unusable(file, "it names " + entry.path() + ", which host apply never changes", null);
                }
            }
            return new TuningRecord(file, entries);
        } catch (IOException | NullPointerException e) {
            throw unusable(file, "it is not a record as host apply writes it", e);
        }
    }

    private static BridgeException unusable(Path file, String why, @Nullable Exception cause) {
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "the record " + file + " cannot be used: " + why,
                "look at what it says and move it away; nothing was changed",
                cause);
    }

    private static boolean allowed(Entry entry) {
        String path = entry.path();
        if (List.of(path.split("/", -1)).contains("..")) {
            return false;
        }
        return switch (entry.kind()) {
            case KERNEL -> entry.before() != null && (path.startsWith("/sys/") || path.startsWith("/proc/sys/"));
            case FILE -> OwnFile.at(path).isPresent();
            case FOLDER ->
                List.of(OwnFile.values()).stream().anyMatch(own -> own.path().startsWith(path + "/"));
        };
    }

    List<Entry> entries() {
        return Collections.unmodifiableList(new ArrayList<>(entries));
    }

    /**
     * On disk when it returns. What was there before the first change stays known, as long as nobody else has changed it since and
     * the name is the same disk's.
     */
    void remember(Entry change) {
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).path().equals(change.path())) {
                Entry merged = entries.get(i);
                if (!merged.goesOn(change)) {
                    entries.set(i, change);
                    write();
                    return;
                }
                for (String value : change.written()) {
                    merged = merged.with(value);
                }
                entries.set(i, merged);
                write();
                return;
            }
        }
        entries.add(change);
        write();
    }

    /** On disk when it returns; with the last entry the file goes. */
    void forget(Entry entry) {
        entries.removeIf(each -> each.path().equals(entry.path()));
        write();
    }

    private void write() {
        try {
            if (entries.isEmpty()) {
                AtomicFile.remove(file);
            } else {
                AtomicFile.write(file, bytes(), "rw-------");
            }
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "cannot write the record " + file + ": " + e.getMessage(),
                    "state_path must be writable and must have room; the change that it was for was not made",
                    e);
        }
    }

    private byte[] bytes() {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(new Document(VERSION, entries))
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record has no JSON form", e);
        }
    }

    /** The entry of a path. */
    Optional<Entry> find(String path) {
        return entries.stream().filter(entry -> entry.path().equals(path)).findFirst();
    }
}
