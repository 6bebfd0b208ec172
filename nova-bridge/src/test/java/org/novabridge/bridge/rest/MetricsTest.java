package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.compute.InstanceOwner;
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class MetricsTest {

    private static Operation operation(String id, Operation.State state, Duration took) {
        Operation like = TestBridge.operation(id, state, null);
        return new Operation(
                id,
                like.kind(),
                like.instance(),
                like.caller(),
                state,
                "",
                0,
                Instant.EPOCH,
                Instant.EPOCH.plus(took),
                Map.of(),
                null);
    }

    private static InstanceView guest(String state) {
        return new InstanceView(
                TestBridge.UUID,
                "i",
                "i",
                InstanceOwner.NOVA,
                "raw",
                state,
                1,
                List.of(),
                List.of(),
                null,
                null,
                null,
                null,
                state.equals("paused") ? "no space" : null);
    }

    private static String metrics(TestBridge bridge) throws IOException {
        RawHttp.Answer answer = RawHttp.get(bridge.socket(), "/metrics");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type").replace(" ", "").toLowerCase(java.util.Locale.ROOT))
                .startsWith("text/plain;")
                .contains("version=0.0.4", "charset=utf-8");
        return answer.body();
    }

    @Test
    void operationsAreCountedOnceWhenTheyEnd() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            bridge.answers.put("list", List.of());
            bridge.set(operation("a", Operation.State.PENDING, Duration.ZERO));
            bridge.set(operation("b", Operation.State.PENDING, Duration.ZERO));
            bridge.set(operation("b", Operation.State.RUNNING, Duration.ZERO));
            assertThat(metrics(bridge))
                    .contains("nova_bridge_operations{state=\"pending\"} 1\n")
                    .contains("nova_bridge_operations{state=\"running\"} 1\n")
                    .doesNotContain("nova_bridge_operations_ended_total{");
            bridge.set(operation("a", Operation.State.DONE, Duration.ofMillis(700)));
            bridge.set(operation("b", Operation.State.FAILED, Duration.ofSeconds(20)));
            // Taken back after its end.
            bridge.set(operation("b", Operation.State.FAILED, Duration.ofSeconds(40)));
            assertThat(metrics(bridge))
                    .contains("nova_bridge_operations{state=\"running\"} 0\n")
                    .contains("nova_bridge_operations_ended_total{kind=\"create\",state=\"done\"} 1\n")
                    .contains("nova_bridge_operations_ended_total{kind=\"create\",state=\"failed\"} 1\n")
                    .contains("nova_bridge_operation_seconds_bucket{kind=\"create\",le=\"0.5\"} 0\n")
                    .contains("nova_bridge_operation_seconds_bucket{kind=\"create\",le=\"1\"} 1\n")
                    .contains("nova_bridge_operation_seconds_bucket{kind=\"create\",le=\"60\"} 2\n")
                    .contains("nova_bridge_operation_seconds_bucket{kind=\"create\",le=\"+Inf\"} 2\n")
                    .contains("nova_bridge_operation_seconds_sum{kind=\"create\"} 20.7\n")
                    .contains("nova_bridge_operation_seconds_count{kind=\"create\"} 2\n");
        }
    }

    /** Its time is also that of the night in which no bridge ran. */
    @Test
    void whatARestartHasInterruptedIsCountedAtItsEndAndNotTimed() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            bridge.answers.put("list", List.of());
            bridge.set(operation("a", Operation.State.INTERRUPTED, Duration.ZERO));
            bridge.set(operation("a", Operation.State.RUNNING, Duration.ofHours(8)));
            bridge.set(operation("a", Operation.State.DONE, Duration.ofHours(8)));
            bridge.set(operation("b", Operation.State.INTERRUPTED, Duration.ofHours(8)));
            assertThat(metrics(bridge))
                    .contains("nova_bridge_operations_ended_total{kind=\"create\",state=\"done\"} 1\n")
                    .doesNotContain("interrupted\"", "nova_bridge_operation_seconds_count");
        }
    }

    @Test
    void guestsAndSpaceAreTold() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            bridge.answers.put("list", List.of(guest("running"), guest("running"), guest("paused")));
            assertThat(metrics(bridge))
                    .contains("nova_bridge_build_info{version=\"development\",protocol=\"3\",java=\"")
                    .contains("nova_bridge_guests{state=\"running\"} 2\n", "nova_bridge_guests{state=\"shutdown\"} 0\n")
                    .contains("nova_bridge_guests_stalled 1\n")
                    .contains("nova_bridge_storage_bytes{kind=\"thin-pool\",name=\"nova/nova-pool\",what=\"total\"}"
                            + " 107374182400\n")
                    .contains("nova_bridge_thin_pool_bytes{pool=\"nova-pool\",part=\"metadata\",what=\"used\"} 900\n")
                    .contains("nova_bridge_thin_pool_full_seconds{pool=\"nova-pool\",part=\"data\"} 21600\n")
                    .contains("nova_bridge_answered{part=\"guests\"} 1\n");
        }
    }

    /** A host in trouble is looked at most. */
    @Test
    void whatCannotBeAskedIsSaidToBeMissing() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            bridge.failure = new BridgeException(ErrorCode.HYPERVISOR_UNAVAILABLE, "libvirt is away");
            assertThat(metrics(bridge))
                    .contains("nova_bridge_answered{part=\"guests\"} 0\n")
                    .contains("nova_bridge_answered{part=\"storage\"} 1\n")
                    .doesNotContain("nova_bridge_guests");
        }
    }

    /** Each line is a comment or a sample, and each family is named once, before its samples. */
    @Test
    void theTextIsInTheFormatOfPrometheus() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            bridge.answers.put("list", List.of(guest("running")));
            bridge.set(operation("a", Operation.State.RUNNING, Duration.ZERO));
            bridge.set(operation("a", Operation.State.DONE, Duration.ofSeconds(1)));
            String text = metrics(bridge);
            assertThat(text.lines())
                    .allMatch(line -> line.matches("# (HELP|TYPE) [a-z_]+ .+")
                            || line.matches("[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? [0-9.E+-]+"));
            assertThat(text.lines().filter(line -> line.startsWith("# TYPE")).toList())
                    .doesNotHaveDuplicates()
                    .hasSizeGreaterThan(8);
        }
        assertThat(new MetricsText()
                        .family("a", "gauge", "b")
                        .sample(1.5, "c", "q\"\\\n")
                        .toString())
                .endsWith("a{c=\"q\\\"\\\\\\n\"} 1.5\n");
    }
}
