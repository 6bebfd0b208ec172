package org.novabridge.bridge.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.ws.rs.ProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Bodies of requests as our own values. */
final class RequestBodies {
    private RequestBodies() {}

    /** @throws ProcessingException with what is wrong with the JSON as its cause */
    static <T> T read(byte[] body, Class<T> type) {
        try {
            return Json.mapper().readValue(body, type);
        } catch (JsonProcessingException e) {
            throw new ProcessingException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same of a document that is read already. */
    static <T> T of(JsonNode read, Class<T> type) {
        try {
            return Json.mapper().treeToValue(read, type);
        } catch (JsonProcessingException e) {
            throw new ProcessingException(e);
        }
    }
}
