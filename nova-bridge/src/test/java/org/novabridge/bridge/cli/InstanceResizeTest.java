package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.bridge.rest.TestBridge;
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.compute.Operation;

/** What an operator sees of a resize. */
class InstanceResizeTest extends TypedToBridge {
    private static InstanceView resized() {
        return view(
                "running", 1, new InstanceView.Resize("waiting", "m1.small", "m1.large", "2026-11-21T20:00:00Z"), null);
    }

    @Test
    void listAndShowSayThatAResizeWaits() {
        bridge.answers.put("list", List.of(resized()));
        bridge.answers.put("show", resized());
        assertThat(run("instance", "list")).isZero();
        assertThat(out.toString()).contains("running, resize waits");
        assertThat(run("instance", "show", UUID)).isZero();
        assertThat(out.toString())
                .contains("resize        from m1.small to m1.large at 2026-11-21T20:00:00Z: waits; end it: nova-bridge"
                        + " instance resize-confirm " + UUID + ", or resize-revert " + UUID);
    }

    @Test
    void resizeSendsTheFlavorAndSaysWhatBecameOfTheDisks(@TempDir Path folder) throws IOException {
        Path flavor = Files.writeString(
                folder.resolve("large.json"), "{\"name\": \"l\", \"vcpus\": 2, \"memory_mb\": 64, \"root_gb\": 20}");
        Map<String, Object> disk =
                Map.of("name", "disk", "change", "grows", "from", 1L << 30, "to", 20L << 30, "kept", "a snapshot");
        Operation plain = TestBridge.operation("op-1", Operation.State.DONE, null);
        bridge.outcome = new Operation(
                plain.id(),
                Operation.Kind.RESIZE,
                UUID,
                plain.caller(),
                plain.state(),
                "done",
                -1,
                plain.created(),
                plain.updated(),
                Map.of("way", "offline", "confirm", true, "dry_run", false, "disks", List.of(disk)),
                null);
        assertThat(run("instance", "resize", UUID, "--flavor", flavor.toString()))
                .isZero();
        assertThat(bridge.calls).anyMatch(call -> call.contains("rootGb=20") && call.contains("online=false"));
        assertThat(out.toString())
                .contains("disk  grows   1 GiB  20 GiB  a snapshot", "resize-confirm " + UUID, "resize-revert " + UUID);
        assertThat(run("instance", "resize", UUID, "--flavor", flavor.toString(), "--online", "--dry-run"))
                .isZero();
        assertThat(bridge.calls).anyMatch(call -> call.contains("online=true") && call.contains("dryRun=true"));
        assertThat(run("instance", "resize-confirm", UUID)).isZero();
        assertThat(run("instance", "resize-revert", UUID)).isZero();
        assertThat(bridge.calls)
                .anyMatch(call -> call.startsWith("confirmResize"))
                .anyMatch(call -> call.startsWith("revertResize"));
        assertThat(run("instance", "resize", UUID)).isEqualTo(2);
        assertThat(run("instance", "resize", UUID, "--flavor", "/no/such")).isEqualTo(2);
        assertThat(err.toString()).contains("--flavor: /no/such does not exist");
    }
}
