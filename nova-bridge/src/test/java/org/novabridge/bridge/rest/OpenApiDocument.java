package org.novabridge.bridge.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/**
 * The OpenAPI 3.1 document of the REST service, made of what its code says: paths and parameters of the resources, {@link
 * Described}, {@link InstanceAction}, the records of bodies and answers, {@link ErrorCode}. Only Nova's own dictionaries are
 * written down, in {@code nova-dictionaries.json}, and held against what reads them.
 */
final class OpenApiDocument {
    private static final String PROBLEM = "application/problem+json";

    private final JsonSchemas schemas = new JsonSchemas();
    private final Map<String, ObjectNode> paths = new TreeMap<>();

    /** The document as it is tracked, with a line end. */
    static String render() {
        return Json.pretty(new OpenApiDocument().document()) + "\n";
    }

    /** Every method that answers requests, with its class. */
    static List<Method> operations() {
        return BridgeApplication.RESOURCES.stream()
                .flatMap(resource -> Arrays.stream(resource.getDeclaredMethods()))
                .filter(method -> httpMethod(method) != null)
                .sorted(Comparator.comparing(Method::toString))
                .toList();
    }

    static @Nullable String httpMethod(Method method) {
        return Arrays.stream(method.getAnnotations())
                .map(one -> one.annotationType().getAnnotation(HttpMethod.class))
                .filter(Objects::nonNull)
                .map(HttpMethod::value)
                .findFirst()
                .orElse(null);
    }

    private ObjectNode document() {
        operations().forEach(this::add);
        ObjectNode document = JsonSchemas.object().put("openapi", "3.1.1");
        document.putObject("info")
                .put("title", "nova-bridge")
                .put("version", "1")
                .put("description", """
                        The compute service of one host. HTTP/1.1 on a UNIX socket; the kernel tells the service who has \
                        connected, so there is no authentication of its own: uid 0 is the operator, the user nova is nova, \
                        everybody else gets 403 (x-roles says who may call what). Bodies are at most %d bytes. What takes \
                        longer answers 202 with an operation. Generated from the code; the pages beside this file say more.""".formatted(BridgeServer.MAX_BODY));
        document.putArray("servers")
                .addObject()
                .put("url", "http://bridge")
                .put("description", "any name: the socket is [nova_bridge]socket");
        ObjectNode all = document.putObject("paths");
        paths.forEach((path, operations) -> {
            ObjectNode item = all.putObject(path);
            if (path.startsWith("/v1/")) {
                item.putArray("parameters").addObject().put("$ref", "#/components/parameters/Protocol");
            }
            item.setAll(operations);
        });
        ObjectNode components = document.putObject("components");
        components.putObject("parameters").set("Protocol", OpenApiParameters.of("header", ProtocolFilter.HEADER));
        ObjectNode shared = components.putObject("responses");
        ObjectNode problem = shared.putObject("Problem").put("description", "Any other problem");
        problem.set("content", content(PROBLEM, problem()));
        dictionaries().forEach((name, schema) -> schemas.components().put(name, schema));
        ObjectNode named = components.putObject("schemas");
        schemas.components().forEach(named::set);
        return document;
    }

    private void add(Method method) {
        Described described = Objects.requireNonNull(
                method.getAnnotation(Described.class), () -> method + " has no @Described: say what it does");
        String path = path(method);
        if (!path.contains("{action}")) {
            put(path, method, operation(method, described, described.value(), name(method)));
            return;
        }
        for (InstanceAction action : InstanceAction.values()) {
            ObjectNode operation = operation(method, described, action.summary(), "instances." + action.word());
            JsonNode body = action == InstanceAction.PREPARE ? JsonSchemas.reference("Spec") : fields(action);
            operation
                    .putObject("requestBody")
                    .put("required", required(body))
                    .set("content", content(MediaType.APPLICATION_JSON, body));
            put(path.replace("{action}", action.word()), method, operation);
        }
    }

    private static boolean required(JsonNode body) {
        return body.has("$ref") || body.has("required");
    }

    private void put(String path, Method method, ObjectNode operation) {
        String verb = Objects.requireNonNull(httpMethod(method)).toLowerCase(Locale.ROOT);
        if (paths.computeIfAbsent(path, unused -> JsonSchemas.object()).replace(verb, operation) != null) {
            throw new IllegalStateException(verb + " " + path + " is there twice");
        }
    }

    static String path(Method method) {
        return Stream.of(
                        method.getDeclaringClass().getAnnotation(jakarta.ws.rs.Path.class),
                        method.getAnnotation(jakarta.ws.rs.Path.class))
                .filter(Objects::nonNull)
                .map(jakarta.ws.rs.Path::value)
                .collect(Collectors.joining("/", "/", ""));
    }

    private static String name(Method method) {
        return method.getDeclaringClass()
                        .getSimpleName()
                        .replaceFirst("Resource$", "")
                        .toLowerCase(Locale.ROOT)
                + "." + method.getName();
    }

    private ObjectNode operation(Method method, Described described, String summary, String id) {
        ObjectNode operation = JsonSchemas.object().put("operationId", id).put("summary", summary);
        operation.putArray("x-roles").add("operator");
        if (!described.operatorOnly()) {
            operation.withArray("x-roles").add("nova");
        }
        ArrayNode parameters = Json.mapper().createArrayNode();
        for (Parameter parameter : method.getParameters()) {
            ObjectNode one = parameter(parameter);
            if (one != null) {
                parameters.add(one);
            }
        }
        if (!parameters.isEmpty()) {
            operation.set("parameters", parameters);
        }
        body(operation, method, described);
        responses(operation, method, described);
        return operation;
    }

    private @Nullable ObjectNode parameter(Parameter parameter) {
        for (Annotation one : parameter.getAnnotations()) {
            if (one instanceof PathParam path) {
                return path.value().equals("action") ? null : OpenApiParameters.of("path", path.value());
            }
            if (one instanceof QueryParam query) {
                return OpenApiParameters.of("query", query.value());
            }
            // OpenAPI has the content type with the body.
            if (one instanceof HeaderParam header && !header.value().equals("Content-Type")) {
                return OpenApiParameters.of("header", header.value());
            }
        }
        return null;
    }

    private void body(ObjectNode operation, Method method, Described described) {
        boolean taken = Arrays.stream(method.getParameters())
                .anyMatch(parameter ->
                        parameter.getType() == byte[].class && !parameter.isAnnotationPresent(Suspended.class));
        if (!taken || path(method).contains("{action}")) {
            return;
        }
        Consumes consumes = method.getAnnotation(Consumes.class);
        String type = consumes.value()[0];
        JsonNode schema;
        if (!described.dictionary().isEmpty()) {
            schema = JsonSchemas.reference(described.dictionary());
        } else if (described.body() != Void.class) {
            schema = schemas.of(described.body());
            schemas.closed(described.body());
        } else if (type.equals(MediaType.APPLICATION_OCTET_STREAM)) {
            schema = JsonSchemas.object();
        } else {
            throw new IllegalStateException(method + " takes a body and @Described does not say which");
        }
        operation.putObject("requestBody").put("required", true).set("content", content(type, schema));
    }

    private void responses(ObjectNode operation, Method method, Described described) {
        ObjectNode responses = operation.putObject("responses");
        ObjectNode good = responses.putObject(Integer.toString(described.status()));
        good.put("description", described.status() == 202 ? "Accepted: follow the operation" : "Done");
        if (described.status() == 202 && method.getDeclaringClass() != OperationsResource.class) {
            ObjectNode location = good.putObject("headers").putObject("Location");
            location.put("description", "Where the operation is");
            location.putObject("schema").put("type", "string");
        }
        if (described.answer() != Void.class) {
            good.set("content", content(produces(method), answer(described)));
        }
        Map<Integer, TreeSet<String>> byStatus = new TreeMap<>();
        for (ErrorCode code : described.problems()) {
            byStatus.computeIfAbsent(code.httpStatus(), unused -> new TreeSet<>())
                    .add(code.type());
        }
        byStatus.forEach((status, types) -> responses
                .putObject(Integer.toString(status))
                .put("description", String.join(", ", types))
                .set("content", content(PROBLEM, problem())));
        responses.putObject("default").put("$ref", "#/components/responses/Problem");
    }

    private static String produces(Method method) {
        Produces own = method.getAnnotation(Produces.class);
        Produces found = own != null ? own : method.getDeclaringClass().getAnnotation(Produces.class);
        return found.value()[0].replaceFirst(";.*", "");
    }

    private ObjectNode answer(Described described) {
        Class<?> type = described.answer();
        if (type == byte[].class) {
            return JsonSchemas.object();
        }
        if (type == HostFacts.class) {
            return facts();
        }
        if (type == Map.class) {
            return JsonSchemas.object().put("type", "object");
        }
        ObjectNode one = schemas.of(type);
        if (!described.list()) {
            return one;
        }
        ObjectNode list = JsonSchemas.object().put("type", "array");
        list.set("items", one);
        return list;
    }

    /** Facts that could be found; the others are named in {@code unknown}. */
    private static ObjectNode facts() {
        Map<HostFact.Type, ObjectNode> types = new EnumMap<>(HostFact.Type.class);
        types.put(HostFact.Type.TEXT, JsonSchemas.object().put("type", "string"));
        types.put(HostFact.Type.BOOLEAN, JsonSchemas.object().put("type", "boolean"));
        types.put(HostFact.Type.NUMBER, JsonSchemas.object().put("type", "integer"));
        ObjectNode facts = JsonSchemas.object().put("type", "object");
        ObjectNode properties = facts.putObject("properties");
        for (HostFact fact : HostFact.values()) {
            ObjectNode list = JsonSchemas.object().put("type", "array");
            if (fact.type() == HostFact.Type.TEXTS) {
                list.putObject("items").put("type", "string");
            }
            properties.set(fact.key(), types.getOrDefault(fact.type(), list));
        }
        properties.putObject("unknown").put("type", "array").putObject("items").put("type", "string");
        return facts;
    }

    private ObjectNode fields(InstanceAction action) {
        ObjectNode body = JsonSchemas.object().put("type", "object").put("additionalProperties", false);
        ObjectNode properties = body.putObject("properties");
        ArrayNode required = Json.mapper().createArrayNode();
        for (InstanceAction.Field field : action.fields()) {
            ObjectNode schema = OpenApiParameters.of(field.kind());
            properties.set(field.name(), schema.put("description", field.what()));
            if (field.needed()) {
                required.add(field.name());
            }
        }
        if (!required.isEmpty()) {
            body.set("required", required);
        }
        return body;
    }

    /** RFC 9457, with the closed list of types; x-problems says what goes with each. */
    private ObjectNode problem() {
        ObjectNode reference = schemas.of(ProblemBody.class);
        ObjectNode schema =
                (ObjectNode) Objects.requireNonNull(schemas.components().get("Problem"));
        if (!schema.has("x-problems")) {
            ArrayNode types = ((ObjectNode) schema.path("properties").path("type")).putArray("enum");
            ArrayNode table = schema.putArray("x-problems");
            for (ErrorCode code : ErrorCode.values()) {
                types.add("/problems/" + code.type());
                table.addObject()
                        .put("type", "/problems/" + code.type())
                        .put("status", code.httpStatus())
                        .put("nova_exception", code.novaException())
                        .put("exit_code", code.exitCode());
            }
        }
        return reference;
    }

    private static ObjectNode content(String type, JsonNode schema) {
        ObjectNode content = JsonSchemas.object();
        content.putObject(type).set("schema", schema);
        return content;
    }

    /** Nova's own dictionaries, by their names in the document. */
    static Map<String, JsonNode> dictionaries() {
        try (InputStream in = OpenApiDocument.class.getResourceAsStream("/nova-dictionaries.json")) {
            Map<String, JsonNode> found = new TreeMap<>();
            Json.mapper().readTree(in).fields().forEachRemaining(one -> found.put(one.getKey(), one.getValue()));
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
