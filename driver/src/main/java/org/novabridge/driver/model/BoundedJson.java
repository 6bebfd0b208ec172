package org.novabridge.driver.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** JSON from outside: bounded in size and depth, no duplicate keys, and no text of it in a message. */
final class BoundedJson {
    private static final int MAX_BYTES = 8 * 1024 * 1024;

    static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxStringLength(4 * 1024 * 1024)
                            .maxNumberLength(64)
                            .maxNameLength(1024)
                            .maxDocumentLength(MAX_BYTES)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private BoundedJson() {}

    /**
     * Reads one object with {@code reader}, which collects problems.
     *
     * @param what what the document is called in messages: SPEC.json
     * @throws BridgeException INVALID_REQUEST with every problem
     */
    static <T> T read(byte[] json, String what, BiFunction<CheckedObject, List<String>, T> reader) {
        if (json.length > MAX_BYTES) {
            throw refused(what + " is larger than " + MAX_BYTES + " bytes");
        }
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            // Jackson's own text repeats parts of the document, which may be secret.
            JsonLocation at = e.getLocation();
            throw refused(what + " is not JSON as it must be (syntax, a key given twice, nesting or length)"
                    + (at == null ? "" : ", line " + at.getLineNr() + " column " + at.getColumnNr()));
        } catch (IOException e) {
            throw refused(what + " is not JSON in UTF-8");
        }
        if (tree == null || !tree.isObject()) {
            throw refused(what + " is not a JSON object");
        }
        List<String> problems = new ArrayList<>();
        T result = reader.apply(new CheckedObject(tree, "", problems), problems);
        if (!problems.isEmpty()) {
            throw refused(what + " has " + (problems.size() == 1 ? "a problem" : problems.size() + " problems")
                    + ":\n  " + String.join("\n  ", problems));
        }
        return result;
    }

    private static BridgeException refused(String message) {
        return new BridgeException(
                ErrorCode.INVALID_REQUEST, message, "correct the document; nothing was done with it");
    }
}
