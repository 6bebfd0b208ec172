package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the shim of an older protocol has asked the service of its time, and what it read of the answers: {@code
 * shim/tests/record_shim.py} has recorded it from that shim's own code.
 *
 * @param problems the word of each type of problem that it knows, and the exception of Nova that it makes of it
 */
public record RecordedShim(int protocol, Map<String, String> problems, List<Request> requests) {
    private static final Path FOLDER = Path.of("src/test/resources/protocol");

    /**
     * One request.
     *
     * @param call the method of Nova's driver that led to it
     * @param body null for none; bytes that are no JSON are the text of {@code octets}
     * @param status of the answer then
     * @param reads the keys that the shim has read of the answer, as {@code disks[].target}
     */
    public record Request(
            String call,
            String method,
            String path,
            Map<String, String> headers,
            @Nullable JsonNode body,
            int status,
            List<String> reads) {

        /** An operation that was waited for. */
        public boolean awaits() {
            return path.startsWith("/v1/operations/");
        }

        /** Whether the operation that was waited for came to its end then, or to a problem. */
        public boolean succeeded() {
            return !reads.contains("problem");
        }

        /** Its headers as {@link RawHttp} wants them. */
        public String headerLines() {
            StringBuilder lines = new StringBuilder();
            headers.forEach((name, value) ->
                    lines.append(name).append(": ").append(value).append("\r\n"));
            return body == null && !method.equals("GET") ? lines + "Content-Length: 0\r\n" : lines.toString();
        }

        /**
         * Asks it again.
         *
         * @param places puts what is here in the place of what was there, in path and body
         */
        public RawHttp.Answer replay(Path socket, UnaryOperator<String> places) throws IOException {
            byte[] bytes = null;
            if (body != null) {
                String text = body.has("octets") ? body.path("octets").asText() : places.apply(body.toString());
                bytes = text.getBytes(StandardCharsets.UTF_8);
            }
            return RawHttp.send(socket, method, places.apply(path), headerLines(), bytes);
        }

        /** The answer bears what the shim does with it: success or problem as then, and all keys that it reads. */
        public JsonNode demand(RawHttp.Answer answer) throws IOException {
            assertThat(answer.status() / 100)
                    .as("%s: %s %s: %s", call, method, path, answer.body())
                    .isEqualTo(status / 100);
            JsonNode json =
                    Json.mapper().readTree(answer.header("Content-Type").contains("json") ? answer.body() : "null");
            for (String read : reads) {
                demand(json, read);
            }
            return json;
        }

        /** One key of it; of the parts of an empty list nobody has read any. */
        void demand(JsonNode json, String read) {
            String message = "%s: %s %s: the shim reads %s of %s".formatted(call, method, path, read, json);
            List<JsonNode> parts = List.of(json);
            for (String key : read.split("\\.")) {
                List<JsonNode> next = new ArrayList<>();
                boolean each = key.endsWith("[]");
                String name = each ? key.substring(0, key.length() - 2) : key;
                for (JsonNode part : parts) {
                    JsonNode found = name.isEmpty() ? part : part.path(name);
                    assertThat(found.isMissingNode()).as(message).isFalse();
                    if (each) {
                        assertThat(found.isArray()).as(message).isTrue();
                        found.forEach(next::add);
                    } else {
                        next.add(found);
                    }
                }
                parts = next;
            }
        }
    }

    /** Those of all protocols that are served beside the newest. */
    public static List<RecordedShim> served() throws IOException {
        List<RecordedShim> found = new ArrayList<>();
        for (int protocol = ProtocolFilter.OLDEST; protocol < ProtocolFilter.NEWEST; protocol++) {
            found.add(of(protocol));
        }
        return found;
    }

    @Override
    public String toString() {
        return "protocol " + protocol;
    }

    /** The recording of a protocol. */
    static RecordedShim of(int protocol) throws IOException {
        Path file = FOLDER.resolve("shim-" + protocol + ".jsonl");
        assertThat(file)
                .as(
                        "protocol %d is served and nobody knows what its shim asks: record it with"
                                + " shim/tests/record_shim.py from its last commit",
                        protocol)
                .exists();
        List<String> lines = Files.readAllLines(file);
        JsonNode head = Json.mapper().readTree(lines.get(0));
        assertThat(head.path("protocol").asInt()).as(file.toString()).isEqualTo(protocol);
        List<Request> requests = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            JsonNode one = Json.mapper().readTree(line);
            List<String> reads = new ArrayList<>();
            one.path("reads").forEach(read -> reads.add(read.asText()));
            requests.add(new Request(
                    one.path("call").asText(),
                    one.path("method").asText(),
                    one.path("path").asText(),
                    texts(one.path("headers")),
                    one.get("body"),
                    one.path("status").asInt(),
                    reads));
        }
        return new RecordedShim(protocol, texts(head.path("problems")), requests);
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> found = new LinkedHashMap<>();
        object.properties()
                .forEach(one -> found.put(one.getKey(), one.getValue().asText()));
        return found;
    }
}
