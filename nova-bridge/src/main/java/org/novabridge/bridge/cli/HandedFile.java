package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that a command hands to the bridge, by its absolute name in the body of the request. */
enum HandedFile {
    IMAGE("image_file", "--image"),
    CONFIG_DRIVE("config_drive_file", "--config-drive");

    private final String key;
    private final String option;

    HandedFile(String key, String option) {
        this.key = key;
        this.option = option;
    }

    /**
     * A file given by its option wins; one named in the body is looked for beside the file that the body came from.
     *
     * @param from file of the body; null when it came from none
     * @param given by the option
     */
    void put(ObjectNode body, @Nullable Path from, @Nullable Path given) {
        Path file = given;
        if (file == null) {
            JsonNode named = body.path(key);
            if (from == null || !named.isTextual()) {
                return;
            }
            file = from.toAbsolutePath().resolveSibling(named.textValue());
        }
        file = file.toAbsolutePath().normalize();
        if (!Files.isRegularFile(file)) {
            String why = Files.isDirectory(file)
                    ? " is a folder"
                    : Files.exists(file) ? " is no regular file" : " does not exist";
            throw CommandFailure.usage(
                    (given == null ? from + ": " + key : option) + ": " + file + why, "name a regular file", null);
        }
        body.put(key, file.toString());
    }
}
