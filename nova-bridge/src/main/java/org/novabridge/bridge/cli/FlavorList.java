package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import org.novabridge.driver.host.tuning.FlavorMemory;

/** What {@code openstack flavor list --all --long -f json} has printed into a file. */
final class FlavorList {
    private static final long MAX_BYTES = 8 << 20;

    private FlavorList() {}

    /**
     * Those that ask for huge pages.
     *
     * @throws CommandFailure when it is no such list
     */
    static List<FlavorMemory> withHugePages(Path file) {
        List<FlavorMemory> flavors = new ArrayList<>();
        for (JsonNode one : read(file)) {
            Map<String, String> extraSpecs = new LinkedHashMap<>();
            one.path("Properties")
                    .fields()
                    .forEachRemaining(each ->
                            extraSpecs.put(each.getKey(), each.getValue().asText()));
            if (!one.path("Name").isTextual() || !one.path("RAM").canConvertToLong() || !one.has("Properties")) {
                throw unusable(file, "an entry has no Name, RAM or Properties", null);
            }
            FlavorMemory.of(one.path("Name").asText(), one.path("RAM").longValue(), extraSpecs)
                    .ifPresent(flavors::add);
        }
        return flavors;
    }

    private static JsonNode read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw unusable(file, "it is larger than " + MAX_BYTES + " bytes", null);
            }
            JsonNode list = Json.mapper().readTree(Files.readAllBytes(file));
            if (!list.isArray()) {
                throw unusable(file, "it is no list", null);
            }
            return list;
        } catch (IOException e) {
            throw unusable(file, "it cannot be read as JSON", e);
        }
    }

    private static CommandFailure unusable(Path file, String why, @Nullable Throwable cause) {
        return CommandFailure.usage(
                "--flavors " + file + ": " + why, "make it with: openstack flavor list --all --long -f json", cause);
    }
}
