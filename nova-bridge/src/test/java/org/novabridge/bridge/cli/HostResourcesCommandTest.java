package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.novabridge.bridge.rest.TestBridge;

class HostResourcesCommandTest {
    private final StringWriter out = new StringWriter();

    private int run(String... args) throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            return Typed.run(bridge, out, out, args);
        }
    }

    @Test
    void forPeopleItIsATableAndTheInventoryInOneLine() throws IOException {
        assertThat(run("host", "resources")).isZero();
        assertThat(out.toString().lines().map(line -> line.replaceAll(" {2,}", "  ")))
                .containsExactly(
                        "STORAGE  KIND  SIZE  USED  FREE  GUESTS  RESERVED  OVER-SUBSCRIPTION",
                        "nova/nova-pool  thin-pool  100.0 GiB  7 B  93 B  512.0 MiB  0 B  0.01",
                        "/i  file-system  1.0 KiB  512 B  500 B  -  -  -",
                        "DISK_GB (lvm-thin): total 100, reserved 4, allocation ratio 1.5, units 1 to 100 in steps of 1");
    }

    @Test
    void forProgramsItIsTheAnswerOfTheBridge() throws IOException {
        assertThat(run("--output", "json", "host", "resources")).isZero();
        JsonNode answer = new ObjectMapper().readTree(out.toString());
        assertThat(answer.at("/disk_gb/allocation_ratio").asDouble()).isEqualTo(1.5);
        assertThat(answer.path("storage")).hasSize(2);
    }
}
