package org.novabridge.bridge.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.novabridge.bridge.rest.Json;

/** A JSON object that the operator named on the command line: what is wrong with it is said with its place. */
final class JsonDocument {
    private static final long MAX_BYTES = 2L * 1024 * 1024;
    /** What may be repeated of a hostile document. */
    private static final Pattern FIELD = Pattern.compile("(/[A-Za-z0-9_:.-]{1,64}){1,8}");

    private JsonDocument() {}

    /** The field at which a document stops being one; Jackson gives no line for a text that is too long. */
    private static String where(byte[] content) {
        String field = "";
        try (JsonParser parser = Json.mapper().createParser(content)) {
            try {
                while (parser.nextToken() != null) {
                    // A text is looked at when it is asked for.
                    parser.getTextLength();
                }
            } catch (JsonProcessingException here) {
                field = parser.getParsingContext().pathAsPointer().toString();
            }
        } catch (IOException e) {
            return "";
        }
        return FIELD.matcher(field).matches() ? ", at " + field : "";
    }

    /**
     * @param option that named the file
     * @param what it should be: a spec
     * @throws CommandFailure wrong usage, naming the place
     */
    static ObjectNode read(String option, Path file, String what) {
        byte[] content = {};
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw CommandFailure.usage(option + ": " + file + " is no regular file", "name a JSON file", null);
            }
            if (Files.size(file) > MAX_BYTES) {
                throw CommandFailure.usage(
                        file + " is larger than " + MAX_BYTES + " bytes", what + " has some kilobytes", null);
            }
            content = Files.readAllBytes(file);
            JsonNode body = Json.mapper().readTree(content);
            if (body instanceof ObjectNode object) {
                return object;
            }
            throw CommandFailure.usage(
                    file + " is not a JSON object",
                    "see nova-bridge help and the reference of the REST interface",
                    null);
        } catch (JsonProcessingException e) {
            // Jackson's own text repeats parts of the document, which may be secret.
            String place = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
            throw CommandFailure.usage(
                    file + place + ": is not JSON as it must be (syntax, a key given twice, nesting or length)"
                            + where(content),
                    "correct the document; nothing was done with it",
                    e);
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage(option + ": " + file + " does not exist", "check the name", e);
        } catch (AccessDeniedException e) {
            throw CommandFailure.usage(
                    option + ": " + file + " may not be read by this user", "check its permissions", e);
        } catch (IOException e) {
            throw CommandFailure.usage(
                    option + ": " + file + " cannot be read: " + e.getMessage(),
                    "check the name and its permissions",
                    e);
        }
    }
}
