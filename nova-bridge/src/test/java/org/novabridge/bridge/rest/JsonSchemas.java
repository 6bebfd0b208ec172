package org.novabridge.bridge.rest;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON schemas (draft 2020-12) of the values that the REST service answers with and takes, as {@link Json} writes them: it
 * is asked for names and types, and what is not {@code @Nullable} is required.
 */
final class JsonSchemas {
    private static final String REFERENCE = "#/components/schemas/";

    private final Map<String, JsonNode> components = new TreeMap<>();

    /** Those that others refer to, by their names. */
    Map<String, JsonNode> components() {
        return components;
    }

    /** What is read as such a record may have no other keys. */
    void closed(Class<?> record) {
        ((ObjectNode) Objects.requireNonNull(components.get(name(record)))).put("additionalProperties", false);
    }

    static ObjectNode reference(String name) {
        return object().put("$ref", REFERENCE + name);
    }

    static ObjectNode object() {
        return Json.mapper().createObjectNode();
    }

    ObjectNode of(Type type) {
        JavaType java = Json.mapper().constructType(type);
        Class<?> raw = java.getRawClass();
        if (raw == String.class || raw == Path.class) {
            return object().put("type", "string");
        }
        if (raw == Instant.class) {
            return object().put("type", "string").put("format", "date-time");
        }
        if (raw == boolean.class || raw == Boolean.class) {
            return object().put("type", "boolean");
        }
        if (raw == int.class || raw == Integer.class) {
            return object().put("type", "integer").put("format", "int32");
        }
        if (raw == long.class || raw == Long.class) {
            return object().put("type", "integer").put("format", "int64");
        }
        if (raw == double.class || raw == Double.class) {
            return object().put("type", "number");
        }
        if (raw == Object.class || JsonNode.class.isAssignableFrom(raw)) {
            return object();
        }
        if (java.isCollectionLikeType()) {
            ObjectNode list = object().put("type", "array");
            list.set("items", of(java.getContentType()));
            return list;
        }
        if (java.isMapLikeType()) {
            ObjectNode map = object().put("type", "object");
            map.set("additionalProperties", of(java.getContentType()));
            return map;
        }
        if (java.isEnumType()) {
            ObjectNode words = object().put("type", "string");
            ArrayNode values = words.putArray("enum");
            for (Object constant : raw.getEnumConstants()) {
                values.add(Json.mapper().convertValue(constant, String.class));
            }
            return words;
        }
        if (!raw.isRecord()) {
            throw new IllegalStateException("nobody has said how " + raw.getName() + " looks as JSON");
        }
        return reference(component(java));
    }

    private String component(JavaType java) {
        String name = name(java.getRawClass());
        if (!components.containsKey(name)) {
            ObjectNode schema = object().put("type", "object");
            components.put(name, schema);
            fill(schema, java);
        }
        return name;
    }

    /** {@code PoolForecastPart}, {@code Problem}: parts of a record carry its name, and of bodies goes the word. */
    private static String name(Class<?> raw) {
        Class<?> outside = raw.getEnclosingClass();
        String name = raw.getSimpleName().replaceFirst("Body$", "");
        return outside != null && outside.isRecord() ? name(outside) + name : name;
    }

    private void fill(ObjectNode schema, JavaType java) {
        BeanDescription bean = Json.mapper().getSerializationConfig().introspect(java);
        ObjectNode properties = object();
        ArrayNode required = Json.mapper().createArrayNode();
        for (BeanPropertyDefinition property : bean.findProperties()) {
            if (!property.couldSerialize()) {
                continue;
            }
            properties.set(property.getName(), of(property.getAccessor().getType()));
            if (!nullable(java.getRawClass(), property)) {
                required.add(property.getName());
            }
        }
        schema.set("properties", properties);
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
    }

    private static boolean nullable(Class<?> raw, BeanPropertyDefinition property) {
        for (RecordComponent component : raw.getRecordComponents()) {
            if (component.getName().equals(property.getInternalName())) {
                return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            }
        }
        Member member = property.getAccessor().getMember();
        return member instanceof Method method
                && method.getAnnotatedReturnType().isAnnotationPresent(Nullable.class);
    }
}
