package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.novabridge.bridge.rest.RawHttp;

/** What a bridge with a real guest answers is as the OpenAPI document says: {@link RawHttp} holds each answer against it. */
@Tag("embed")
class RealAnswersEmbedTest extends ServedProgram {
    private static final String ONE = "/v1/instances/" + UUID;
    private static final List<String> QUESTIONS = List.of(
            "/healthz",
            "/v1/openapi",
            "/v1/instances",
            ONE,
            ONE + "/state",
            ONE + "/console?tail=10",
            ONE + "/consoles",
            ONE + "/statistics",
            ONE + "/disks",
            ONE + "/volumes",
            ONE + "/explanation",
            "/v1/operations",
            "/v1/configuration",
            "/v1/images",
            "/v1/host",
            "/v1/host/resources",
            "/v1/host/node",
            "/v1/host/cpu-times",
            "/v1/host/reconcile",
            "/v1/host/pools",
            "/v1/outside");

    private RawHttp.Answer ask(String method, String path, String body) throws Exception {
        return RawHttp.send(
                folder.resolve("b.sock"),
                method,
                path,
                "Content-Type: application/json\r\n",
                body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyQuestionIsAnsweredAsDescribed() throws Exception {
        configureEmbedded("images_type = qcow2\n[vnc]\nenabled = true\nserver_listen = 127.0.0.7");
        start();
        assertThat(run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")))
                .as(err.toString())
                .isZero();
        for (String question : QUESTIONS) {
            RawHttp.Answer answer = RawHttp.get(folder.resolve("b.sock"), question);
            assertThat(answer.status()).as("%s: %s", question, answer.body()).isEqualTo(200);
        }
        assertThat(RawHttp.get(folder.resolve("b.sock"), "/metrics").body())
                .contains("nova_bridge_guests{state=\"running\"} 1\n")
                .contains("nova_bridge_operations_ended_total{kind=\"create\",state=\"done\"} 1\n")
                .containsPattern(
                        "nova_bridge_storage_bytes\\{kind=\"file-system\",name=\"[^\"]+\",what=\"total\"} [1-9]")
                .contains("nova_bridge_answered{part=\"guests\"} 1\n", "nova_bridge_answered{part=\"storage\"} 1\n");
        String port = "{\"network_info\": [{\"id\": \"p-1\", \"address\": \"fa:16:3e:00:00:01\"}]}";
        assertThat(ask("PUT", ONE + "/outside", port).status()).isEqualTo(204);
        assertThat(RawHttp.get(folder.resolve("b.sock"), "/v1/outside").body()).contains("\"id\":\"p-1\"");
        assertThat(ask("POST", ONE + "/pause", "").status()).isEqualTo(202);
        assertThat(run("instance", "delete", UUID)).as(err.toString()).isZero();
        assertThat(RawHttp.get(folder.resolve("b.sock"), "/v1/outside").body())
                .as("the guest is gone, and its port is not unplugged")
                .contains("\"id\":\"p-1\"");
        assertThat(ask("DELETE", ONE + "/outside/port/p-1", "").status()).isEqualTo(204);
        assertThat(RawHttp.get(folder.resolve("b.sock"), "/v1/outside").body())
                .isEqualTo("{\"left\":[],\"unsettled\":[]}");
    }
}
