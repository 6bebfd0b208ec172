package org.novabridge.driver.compute;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** The JSON of journal and state files. Each has a {@code version}: N reads N-1, a newer one stops the start. */
final class StateJson {
    static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private StateJson() {}

    static byte[] bytes(Object value) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(value)
                    .getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a state record has no JSON form", e);
        }
    }

    /**
     * Reads a file whose newest known version is {@code newest}.
     *
     * @throws BridgeException INVALID_CONFIGURATION when it is newer than we are, or unreadable
     */
    static <T> T read(Path file, Class<T> type, int newest) {
        try {
            JsonNode tree = MAPPER.readTree(Files.readAllBytes(file));
            int version = tree == null ? 0 : tree.path("version").asInt(0);
            if (version > newest) {
                throw new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION,
                        file + " has version " + version + ", this bridge knows up to " + newest,
                        "start the newer bridge that wrote it; nothing was touched");
            }
            if (version < Math.max(1, newest - 1)) {
                throw new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION,
                        file + " is no state file that this bridge reads (version " + version + ")",
                        UNREADABLE);
            }
            // What a version adds may be missing (null) in the one before it.
            return MAPPER.treeToValue(tree, type);
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION, "cannot read " + file + ": " + firstLine(e), UNREADABLE, e);
        }
    }

    private static final String UNREADABLE =
            "move the file away after looking at what it describes; nothing was touched";

    private static String firstLine(IOException e) {
        String message = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }
}
