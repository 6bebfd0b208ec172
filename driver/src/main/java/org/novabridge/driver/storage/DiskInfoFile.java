package org.novabridge.driver.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Nova's {@code <instance folder>/disk.info}: one JSON line, path of a disk to its format, so that the format of a
 * disk that a guest has written is never probed (OSSA-2014-009; nova/virt/libvirt/imagebackend.py
 * {@code resolve_driver_format}). A key is never given another value.
 */
final class DiskInfoFile {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_BYTES = 1 << 20;

    private static final String NAME = "disk.info";

    private final Path instances;
    private final String instance;
    private final Path file;
    private final FileOwner owner;

    DiskInfoFile(Path instances, String instance, FileOwner owner) {
        this.instances = instances;
        this.instance = instance;
        this.file = instances.resolve(instance).resolve(NAME);
        this.owner = owner;
    }

    Optional<String> format(Path disk) {
        try {
            return Optional.ofNullable(read().get(disk.toString())).map(JsonNode::asText);
        } catch (IOException e) {
            throw StorageFailures.of("reading " + file, e);
        }
    }

    /** Written before the disk gets its name, so that no disk is ever without its record. */
    void record(Path disk, String format) throws IOException {
        ObjectNode all = read();
        JsonNode known = all.get(disk.toString());
        if (known != null) {
            if (known.asText().equals(format)) {
                return;
            }
            throw new BridgeException(
                    ErrorCode.INVALID_DISK_INFO,
                    file + " records " + disk + " as " + known.asText() + ", and it is now to be " + format + ".",
                    "Delete the disk first, or remove its key from the file.");
        }
        all.put(disk.toString(), format);
        write(all);
    }

    void forget(Path disk) throws IOException {
        ObjectNode all = read();
        if (all.remove(disk.toString()) == null) {
            return;
        }
        if (!all.isEmpty()) {
            write(all);
            return;
        }
        try (HeldFolder outer = HeldFolder.open(instances);
                HeldFolder folder = outer.below(instance)) {
            Files.deleteIfExists(folder.at(NAME));
        }
    }

    /** The folder is Nova's: a link in the file's place would make us read, or replace, a file of root's. */
    private ObjectNode read() throws IOException {
        String line;
        try (HeldFolder outer = HeldFolder.open(instances);
                HeldFolder folder = outer.below(instance);
                HeldFile held = folder.file(NAME)) {
            if (held.attributes().size() > MOST_BYTES) {
                throw invalid("it is too long");
            }
            line = Files.readString(held.path()).strip();
        } catch (NoSuchFileException e) {
            return JSON.createObjectNode();
        }
        if (line.isEmpty()) {
            return JSON.createObjectNode();
        }
        try {
            if (JSON.readTree(line) instanceof ObjectNode node) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw invalid("it is not JSON");
        }
        throw invalid("it is not a JSON object");
    }

    private BridgeException invalid(String why) {
        return new BridgeException(
                ErrorCode.INVALID_DISK_INFO, file + " cannot be used: " + why + ".", "Restore it, or remove it.");
    }

    private void write(ObjectNode all) throws IOException {
        // Python's json.dumps puts a blank after colon and comma; the same here, for people who compare.
        String line = JSON.writer(new Spaced()).writeValueAsString(all);
        String temporary = instance + "." + NAME;
        try (WorkFolder work = WorkFolder.in(instances);
                HeldFolder folder = work.around().below(instance)) {
            owner.makePrivate(work.at(temporary), null);
            Files.writeString(work.at(temporary), line + "\n");
            owner.finish(work.at(temporary));
            work.place(temporary, folder, NAME);
        }
    }

    private static final class Spaced extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1L;

        @Override
        public void writeObjectFieldValueSeparator(com.fasterxml.jackson.core.JsonGenerator generator)
                throws IOException {
            generator.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(com.fasterxml.jackson.core.JsonGenerator generator) throws IOException {
            generator.writeRaw(", ");
        }
    }
}
