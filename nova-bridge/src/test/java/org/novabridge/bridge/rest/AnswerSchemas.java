package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.SpecVersion;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Holds answers against the OpenAPI document: status, content type, and the body against its schema. It is stricter than
 * the document is to clients, which must bear keys that they do not know: a key that is not described fails here.
 */
final class AnswerSchemas {
    private static final String ANY_PROBLEM = "/components/responses/Problem/content/application~1problem+json/schema";
    private static final JsonNode DOCUMENT = strict();
    /** What JSON Schema does not know, as x-problems, is for readers. */
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.builder(
                    JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012))
            .metaSchema(JsonMetaSchema.builder(JsonMetaSchema.getV202012())
                    .unknownKeywordFactory((word, context) -> new NonValidationKeyword(word))
                    .build())
            .build();

    private static final Map<String, JsonSchema> SCHEMAS = new ConcurrentHashMap<>();

    private AnswerSchemas() {}

    private static JsonNode strict() {
        try {
            JsonNode document = Json.mapper().readTree(OpenApiDocument.render());
            for (Map.Entry<String, JsonNode> one :
                    document.path("components").path("schemas").properties()) {
                if (!OpenApiDocument.dictionaries().containsKey(one.getKey())) {
                    close(one.getValue());
                }
            }
            document.path("paths").findParents("properties").forEach(AnswerSchemas::close);
            return document;
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(JsonNode schema) {
        if (schema.has("properties") && !schema.has("additionalProperties")) {
            ((ObjectNode) schema).put("additionalProperties", false);
        }
    }

    /**
     * @param method of the request
     * @param target its path, with the query
     */
    static void check(String method, String target, RawHttp.Answer answer) {
        String type = answer.header("Content-Type").replaceFirst(";.*", "");
        String pointer = pointer(method, target.replaceFirst("\\?.*", ""), answer.status());
        if (pointer == null) {
            assertThat(answer.status())
                    .as("%s %s, of which nobody says it", method, target)
                    .isGreaterThanOrEqualTo(400);
            validate(ANY_PROBLEM, answer.body());
            return;
        }
        JsonNode content = DOCUMENT.at(pointer).path("content");
        if (content.isMissingNode()) {
            assertThat(answer.body()).as("%s %s", method, target).isEmpty();
            return;
        }
        assertThat(content.has(type))
                .as("%s %s answers with %s", method, target, type)
                .isTrue();
        if (type.endsWith("json")) {
            validate(pointer + "/content/" + type.replace("/", "~1") + "/schema", answer.body());
        }
    }

    /** The schema of what a POST on this path takes. */
    static JsonSchema request(String path) {
        return schema("/paths/" + path.replace("/", "~1") + "/post/requestBody/content/application~1json/schema");
    }

    private static void validate(String pointer, String body) {
        assertThat(schema(pointer).validate(body, InputFormat.JSON))
                .as("%s, by %s", body, pointer)
                .isEmpty();
    }

    private static JsonSchema schema(String pointer) {
        return SCHEMAS.computeIfAbsent(pointer, unused -> {
            ObjectNode whole = JsonSchemas.object();
            whole.set("components", DOCUMENT.path("components"));
            whole.setAll((ObjectNode) DOCUMENT.at(pointer));
            return FACTORY.getSchema(whole);
        });
    }

    /** Where the document describes it; null when only as any other problem, or not at all. */
    private static @Nullable String pointer(String method, String path, int status) {
        String best = null;
        for (Map.Entry<String, JsonNode> one : DOCUMENT.path("paths").properties()) {
            Pattern pattern = Pattern.compile(one.getKey().replaceAll("\\{[a-z]+}", "[^/]+"));
            String verb = method.toLowerCase(Locale.ROOT);
            if (pattern.matcher(path).matches()
                    && one.getValue().path(verb).path("responses").has(Integer.toString(status))
                    && (best == null || !one.getKey().contains("{"))) {
                best = "/paths/" + one.getKey().replace("/", "~1") + "/" + verb + "/responses/" + status;
            }
        }
        return best;
    }
}
