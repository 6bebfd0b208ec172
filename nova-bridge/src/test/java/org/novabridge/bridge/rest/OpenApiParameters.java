package org.novabridge.bridge.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.novabridge.driver.compute.HostEvent;
import org.novabridge.driver.compute.OutsideDevice;
import org.novabridge.driver.compute.RebootType;

/** What parameters of requests and values of actions' bodies mean, each said once. */
final class OpenApiParameters {
    private static final Map<String, ObjectNode> KNOWN = Map.ofEntries(
            one("path uuid", "Nova's id of the instance", text().put("pattern", whole(InstanceActions.UUID.pattern()))),
            one("path id", "Id of an operation", text()),
            one("path disk", "Nova's name of a disk of the instance", text()),
            one("path volume", "Cinder's id of the volume", text()),
            one(
                    "path kind",
                    "port or volume",
                    words(Arrays.stream(OutsideDevice.Kind.values())
                            .map(OutsideDevice.Kind::word)
                            .toList())),
            one("path device", "Neutron's id of the port, Cinder's of the volume", text()),
            one("path migration", "Id of the migration, as it was offered", text()),
            one(
                    "header Idempotency-Key",
                    "Repeats the answer instead of the work, also across restarts; for something else: key-reused",
                    text().put("pattern", "^[!-~]{1,255}$")),
            one("header Last-Event-ID", "Id of the last event that was seen; what was missed comes first", text()),
            one("header Transfer-Token", "The secret of the migration", text()),
            one(
                    "header " + ProtocolFilter.HEADER,
                    "What nova-compute's side speaks; protocol-not-spoken when this side does not",
                    number(ProtocolFilter.OLDEST, ProtocolFilter.NEWEST)),
            one("query disk", "Of this disk only, by its device in the guest", text()),
            one("query attribute", "Of this attribute only", text()),
            one("query tail", "Bytes of the end", number(1, InstancesResource.MAX_TAIL)),
            one("query wait", "Seconds that the answer may be held back", number(1, OperationsResource.MAX_WAIT)),
            one(
                    "query rebuild",
                    "It would replace the instance that is there: also whether there is room for it then",
                    JsonSchemas.object().put("type", "boolean").put("default", false)),
            one("query remove", "A volume that is to be removed; may be repeated", texts()),
            one("query kind", "These events, and reset; may be repeated", kinds()));

    private OpenApiParameters() {}

    private static Map.Entry<String, ObjectNode> one(String key, String what, ObjectNode schema) {
        String[] words = key.split(" ");
        ObjectNode parameter = JsonSchemas.object().put("name", words[1]).put("in", words[0]);
        parameter.put("description", what);
        if (words[0].equals("path")) {
            parameter.put("required", true);
        }
        parameter.set("schema", schema);
        return Map.entry(key, parameter);
    }

    /** @throws NullPointerException for one that nobody has described */
    static ObjectNode of(String in, String name) {
        return Objects.requireNonNull(
                        KNOWN.get(in + " " + name), () -> "nobody says what " + in + " " + name + " means")
                .deepCopy();
    }

    /** A value in the body of an action. */
    static ObjectNode of(InstanceAction.Kind kind) {
        return switch (kind) {
            case TEXT -> text();
            case FLAG -> JsonSchemas.object().put("type", "boolean");
            case SECONDS -> JsonSchemas.object().put("type", "integer");
            case BYTES -> number(1, Long.MAX_VALUE).put("format", "int64");
            case REBOOT_TYPE ->
                words(Arrays.stream(RebootType.values()).map(RebootType::name).toList());
            case SPEC -> orNull("Spec");
            case FLAVOR -> JsonSchemas.reference("Flavor");
            case VOLUME -> JsonSchemas.reference("Volume");
            case PORT -> JsonSchemas.reference("Port");
            case IMAGE -> orNull("ImageMeta");
        };
    }

    private static ObjectNode orNull(String dictionary) {
        ObjectNode either = JsonSchemas.object();
        ArrayNode ways = either.putArray("anyOf");
        ways.add(JsonSchemas.reference(dictionary));
        ways.addObject().put("type", "null");
        return either;
    }

    private static ObjectNode text() {
        return JsonSchemas.object().put("type", "string");
    }

    private static ObjectNode number(long least, long most) {
        return JsonSchemas.object().put("type", "integer").put("minimum", least).put("maximum", most);
    }

    private static ObjectNode texts() {
        ObjectNode list = JsonSchemas.object().put("type", "array");
        list.set("items", text());
        return list;
    }

    private static ObjectNode kinds() {
        ObjectNode list = JsonSchemas.object().put("type", "array");
        list.set(
                "items",
                words(Arrays.stream(HostEvent.Kind.values())
                        .map(HostEvent.Kind::word)
                        .toList()));
        return list;
    }

    private static ObjectNode words(List<String> words) {
        ObjectNode one = text();
        words.forEach(one.putArray("enum")::add);
        return one;
    }

    private static String whole(String pattern) {
        return "^" + pattern + "$";
    }
}
