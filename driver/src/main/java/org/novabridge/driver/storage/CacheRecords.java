package org.novabridge.driver.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a base file was when it was cached: {@code <state_path>/images/<sha1>.json}. A record counts
 * only while the file it tells of is the one in the cache (same inode and length).
 */
final class CacheRecords {
    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    CacheRecords(Path folder) {
        this.folder = folder;
    }

    Optional<CachedImage> read(String imageId, Path base) {
        Path file = folder.resolve(base.getFileName() + ".json");
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            JsonNode node = JSON.readTree(Files.readAllBytes(file));
            if (node.path("version").asInt() != VERSION
                    || !node.path("file").asText().equals(identity(base))) {
                return Optional.empty();
            }
            return Optional.of(new CachedImage(
                    imageId,
                    base,
                    node.path("format").asText(),
                    node.path("virtual_size").asLong()));
        } catch (IOException e) {
            // Then the base is inspected again, which is always right and only slower.
            return Optional.empty();
        }
    }

    /** Those whose file is in the cache, as it is recorded; a record that cannot be read is none. */
    List<CachedImage> all(Path cache) throws IOException {
        List<CachedImage> found = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                Path base = cache.resolve(name.substring(0, name.length() - ".json".length()));
                if (Files.isRegularFile(base, LinkOption.NOFOLLOW_LINKS)) {
                    idIn(file).flatMap(id -> read(id, base)).ifPresent(found::add);
                }
            }
        }
        return found;
    }

    private static Optional<String> idIn(Path file) {
        try {
            return Optional.ofNullable(
                    JSON.readTree(Files.readAllBytes(file)).path("image_id").textValue());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    void write(CachedImage image) throws IOException {
        Files.createDirectories(folder);
        ObjectNode node = JSON.createObjectNode();
        node.put("version", VERSION);
        node.put("image_id", image.imageId());
        node.put("format", image.format());
        node.put("virtual_size", image.virtualSize());
        node.put("file", identity(image.base()));
        Path file = folder.resolve(image.base().getFileName() + ".json");
        AtomicFile.write(file, (JSON.writeValueAsString(node) + "\n").getBytes(StandardCharsets.UTF_8), "rw-------");
    }

    void delete(Path base) throws IOException {
        Files.deleteIfExists(folder.resolve(base.getFileName() + ".json"));
    }

    private static String identity(Path base) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(base, BasicFileAttributes.class);
        return attributes.fileKey() + ":" + attributes.size();
    }
}
