package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docs/reference/openapi.json} is what the code says; {@code -Dgolden.update=true} writes it anew. */
class OpenApiTest {
    private static final Path TRACKED = Path.of("docs/reference/openapi.json");
    private static final Path PAGE = Path.of("docs/reference/rest.md");

    @Test
    void theTrackedDocumentIsWhatTheCodeSays() throws IOException {
        String made = OpenApiDocument.render();
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(TRACKED, made);
        }
        assertThat(Files.readString(TRACKED))
                .as("%s is stale: run mvn test -pl nova-bridge -am -Dtest=OpenApiTest -Dgolden.update=true", TRACKED)
                .isEqualTo(made);
    }

    @Test
    void everyOperationSaysWhatItDoes() {
        assertThat(OpenApiDocument.operations())
                .hasSizeGreaterThan(30)
                .allSatisfy(method -> assertThat(method.getAnnotation(Described.class))
                        .as("@Described of %s", method)
                        .isNotNull());
    }

    /** Who reads only the page learns of every path. */
    @Test
    void thePageNamesEveryOperation() throws IOException {
        String page = Files.readString(PAGE);
        for (Method method : OpenApiDocument.operations()) {
            String path = OpenApiDocument.path(method);
            for (String name : new String[] {"uuid", "id", "migration", "disk", "volume", "action", "kind", "device"}) {
                path = path.replace("{" + name + "}", name.toUpperCase(Locale.ROOT));
            }
            assertThat(page).containsPattern("`" + OpenApiDocument.httpMethod(method) + " " + path + "[`?]");
        }
        for (InstanceAction action : InstanceAction.values()) {
            assertThat(page).as("the table of actions").containsPattern("\n\\|[^|]*`" + action.word() + "`[^|]*\\|");
        }
    }

    /** Every reference leads somewhere, and what nobody refers to is not there. */
    @Test
    void theDocumentIsWhole() throws IOException {
        JsonNode document = Json.mapper().readTree(OpenApiDocument.render());
        assertThat(document.findValuesAsText("$ref"))
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
        document.path("components")
                .path("schemas")
                .fieldNames()
                .forEachRemaining(
                        name -> assertThat(document.findValuesAsText("$ref")).contains("#/components/schemas/" + name));
    }

    @Test
    void aBridgeServesItsDescription() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            RawHttp.Answer answer = RawHttp.get(bridge.socket(), "/v1/openapi");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
            JsonNode served = Json.mapper().readTree(answer.body());
            assertThat(served.path("openapi").asText()).startsWith("3.1");
            assertThat(served.path("paths").path("/v1/instances/{uuid}/reboot").has("post"))
                    .isTrue();
        }
    }

    /** The schemas of requests refuse what the service refuses. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            reboot        | {}                                          | 0
            reboot        | {"type": "HARD", "spec": null}              | 0
            reboot        | {"typ": "HARD"}                             | 1
            reboot        | {"type": "hard"}                            | 1
            power-off     | {"timeout": 0}                              | 0
            power-off     | {"timeout": 99999}                          | 0
            power-off     | {"timeout": 1.5}                            | 1
            extend-volume | {"volume": "v-1", "size": 0}                | 1
            attach-volume | {"volume": {"connection_info": {"driver_volume_type": "local"}}} | 0
            attach-volume | {}                                          | 1
            resize        | {"flavor": {"vcpus": 1, "memory_mb": 64, "root_gb": 2}} | 0
            resize        | {"flavor": {"vcpus": 0, "memory_mb": 64, "root_gb": 2}} | 1
            """)
    void bodiesAreDescribedAsTheyAreRead(String action, String body, int problems) {
        assertThat(AnswerSchemas.request("/v1/instances/{uuid}/" + action).validate(body, InputFormat.JSON))
                .hasSize(problems);
    }
}
