package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.novabridge.bridge.rest.Json;
import org.novabridge.bridge.rest.TestBridge;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class ReconcileCommandTest {
    private static final String VOLUME = TestBridge.UUID + "_disk";
    private static final Map<String, Object> FOUND =
            Map.of("kind", "volume-unknown", "name", VOLUME, "message", "nothing knows it", "remedy", "remove it");

    private static TestBridge bridge;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() throws IOException {
        bridge = new TestBridge();
    }

    @AfterAll
    static void stop() {
        bridge.close();
    }

    @BeforeEach
    void forget() {
        bridge.calls.clear();
        bridge.kept.clear();
        bridge.failure = null;
    }

    private int run(String... args) {
        return Typed.run(bridge, out, err, args);
    }

    private static void ends(Map<String, Object> result) {
        Operation done = TestBridge.operation("op-1", Operation.State.DONE, null);
        bridge.outcome = new Operation(
                done.id(),
                Operation.Kind.RECONCILE,
                "host",
                done.caller(),
                done.state(),
                done.phase(),
                done.percent(),
                done.created(),
                done.updated(),
                result,
                null);
    }

    @Test
    void aLookShowsWhatWasComparedAndWhatDoesNotFit() {
        assertThat(run("reconcile", "--dry-run", "--remove", VOLUME, "b")).isZero();
        assertThat(bridge.calls).containsExactly("reconcileReport[" + VOLUME + ", b]");
        assertThat(out.toString())
                .contains("compared: 7 volumes")
                .containsPattern("FOUND +NAME +WHAT")
                .containsPattern("volume-unknown +" + VOLUME + " +nothing knows it")
                .contains("remedy for " + VOLUME + ": remove it")
                .contains("would remove " + VOLUME, "would remove b");
    }

    @Test
    void aLookAsJsonIsTheReport() throws IOException {
        assertThat(run("reconcile", "--dry-run", "--output", "json")).isZero();
        assertThat(Json.mapper()
                        .readTree(out.toString())
                        .path("found")
                        .get(0)
                        .path("removable")
                        .asBoolean())
                .isTrue();
        assertThat(bridge.calls).containsExactly("reconcileReport[]");
    }

    @Test
    void whatIsNotOursIsRefusedByARule() {
        bridge.failure = new BridgeException(ErrorCode.FORBIDDEN, "nothing was removed: root: …", "look first");
        assertThat(run("reconcile", "--dry-run", "--remove", "root")).isEqualTo(3);
        assertThat(err.toString()).contains("nothing was removed: root", "remedy: look first");
    }

    @Test
    void itAsksForAnOperationAndSaysWhatThatHasDone() {
        ends(Map.of(
                "removed",
                List.of(VOLUME),
                "settling",
                List.of("nb-wipe-1"),
                "found",
                List.of(FOUND),
                "compared",
                Map.of()));
        assertThat(run("reconcile", "--remove", VOLUME)).isZero();
        assertThat(bridge.calls).singleElement().asString().startsWith("reconcile(OPERATOR, (" + VOLUME + "), key=");
        assertThat(out.toString())
                .contains("reconcile host: done in", "removed " + VOLUME, "settling nb-wipe-1", "nothing knows it");
    }

    @Test
    void aHostInOrderSaysSo() {
        ends(Map.of("removed", List.of(), "settling", List.of(), "found", List.of(), "compared", Map.of("records", 2)));
        assertThat(run("reconcile")).isZero();
        assertThat(out.toString()).contains("compared: 2 records", "everything fits");
    }
}
