package org.novabridge.driver.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Nova's dictionaries, as the OpenAPI document describes them, have the keys that are looked for in them, and no others. */
class SpecFieldsTest {
    private static final Path DOCUMENT = Path.of("../nova-bridge/docs/reference/openapi.json");

    /** With one of everything that can be in one, so that all is looked into. */
    private static final String WHOLE = """
            {"instance": {"flavor": {}}, "image_meta": {}, "network_info": [{}],
             "block_device_info": {"image": [{}], "ephemerals": [{}], "swap": {},
                                   "block_device_mapping": [{"connection_info": {"serial": "v", "data": {}}}]},
             "rescue": {"image_meta": {}}}
            """;

    @Test
    void whatIsReadOfASpecIsDescribedAndNothingElse() throws IOException {
        Set<String> read = new TreeSet<>();
        JsonNode spec = watched(BoundedJson.MAPPER.readTree(WHOLE), "", read);
        List<String> problems = new ArrayList<>();
        InstanceSpecReader.spec(new CheckedObject(spec, "", problems), problems);
        JsonNode schemas = BoundedJson.MAPPER.readTree(DOCUMENT.toFile()).at("/components/schemas");
        Set<String> described = new TreeSet<>();
        walk(schemas, schemas.path("Spec"), "", described);
        assertThat(read).isEqualTo(described);
    }

    private static void walk(JsonNode schemas, JsonNode schema, String place, Set<String> found) {
        if (schema.has("$ref")) {
            String name = schema.path("$ref").asText().replaceFirst(".*/", "");
            walk(schemas, schemas.path(name), place, found);
        }
        schema.path("anyOf").forEach(way -> walk(schemas, way, place, found));
        if (schema.has("items")) {
            walk(schemas, schema.path("items"), place, found);
        }
        for (Map.Entry<String, JsonNode> one : schema.path("properties").properties()) {
            found.add(place + "/" + one.getKey());
            walk(schemas, one.getValue(), place + "/" + one.getKey(), found);
        }
    }

    private static JsonNode watched(JsonNode node, String place, Set<String> read) {
        if (node.isArray()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            node.forEach(item -> list.add(watched(item, place, read)));
            return list;
        }
        if (!node.isObject()) {
            return node;
        }
        ObjectNode copy = new Watched(place, read);
        node.properties()
                .forEach(one -> copy.set(one.getKey(), watched(one.getValue(), place + "/" + one.getKey(), read)));
        return copy;
    }

    /** Writes down what is asked of it. */
    private static final class Watched extends ObjectNode {
        private static final long serialVersionUID = 1;
        private final String place;
        private final transient Set<String> read;

        Watched(String place, Set<String> read) {
            super(JsonNodeFactory.instance);
            this.place = place;
            this.read = read;
        }

        @Override
        public JsonNode get(String key) {
            read.add(place + "/" + key);
            return super.get(key);
        }
    }
}
