package org.novabridge.bridge.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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
        int number = 0;
        for (JsonNode one : read(file)) {
            number++;
            demandComplete(file, one, number);
            Map<String, String> extraSpecs = new LinkedHashMap<>();
            one.path("Properties")
                    .fields()
                    .forEachRemaining(each ->
                            extraSpecs.put(each.getKey(), each.getValue().asText()));
            FlavorMemory.of(one.path("Name").asText(), one.path("RAM").longValue(), extraSpecs)
                    .ifPresent(flavors::add);
        }
        return flavors;
    }

    private static void demandComplete(Path file, JsonNode one, int number) {
        List<String> missing = new ArrayList<>();
        if (!one.path("Name").isTextual()) {
            missing.add("Name");
        }
        if (!one.path("RAM").canConvertToLong()) {
            missing.add("RAM (a number)");
        }
        if (!one.path("Properties").isObject()) {
            missing.add("Properties");
        }
        if (!missing.isEmpty()) {
            String name = one.path("Name").asText("").replaceAll("\\p{Cntrl}", "?");
            throw unusable(
                    file,
                    "entry " + number + (name.isEmpty() ? "" : " (" + name + ")") + " has no "
                            + String.join(", no ", missing),
                    null);
        }
    }

    private static JsonNode read(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw unusable(file, "it is a folder", null);
            }
            if (Files.size(file) > MAX_BYTES) {
                throw unusable(file, "it is larger than " + MAX_BYTES + " bytes", null);
            }
            JsonNode list = Json.mapper().readTree(text(file, Files.readAllBytes(file)));
            if (!list.isArray()) {
                throw unusable(file, "it is no list", null);
            }
            return list;
        } catch (NoSuchFileException e) {
            throw unusable(file, "there is no such file", e);
        } catch (AccessDeniedException e) {
            throw unusable(file, "this user may not read it", e);
        } catch (JsonProcessingException e) {
            JsonLocation place = e.getLocation();
            throw unusable(
                    file,
                    "it is no JSON"
                            + (place == null
                                    ? ""
                                    : " at line " + place.getLineNr() + ", column " + place.getColumnNr()),
                    e);
        } catch (IOException e) {
            throw unusable(file, "it cannot be read", e);
        }
    }

    private static String text(Path file, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
        } catch (CharacterCodingException e) {
            int line = 1;
            for (int i = 0; i < buffer.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw unusable(file, "line " + line + " is no UTF-8 text", e);
        }
    }

    private static CommandFailure unusable(Path file, String why, @Nullable Throwable cause) {
        return CommandFailure.usage(
                "--flavors " + file + ": " + why, "make it with: openstack flavor list --all --long -f json", cause);
    }
}
