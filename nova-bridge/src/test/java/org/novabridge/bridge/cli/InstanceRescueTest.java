package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.bridge.rest.TestBridge;
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.compute.Operation;

/** The commands that rescue a guest. */
class InstanceRescueTest extends TypedToBridge {
    @TempDir
    Path folder;

    @BeforeEach
    void rescues() throws IOException {
        Operation plain = TestBridge.operation("op-1", Operation.State.DONE, null);
        bridge.outcome = new Operation(
                plain.id(),
                Operation.Kind.RESCUE,
                UUID,
                plain.caller(),
                plain.state(),
                "done",
                -1,
                plain.created(),
                plain.updated(),
                Map.of("way", "legacy", "disks", List.of(Map.of("name", "disk.rescue", "target", "vda"))),
                null);
    }

    @Test
    void theFilesBesideTheDocumentAreHandedOverByTheirWholeNames() throws IOException {
        Path image = Files.writeString(folder.resolve("rescue.img"), "x");
        Path document = Files.writeString(
                folder.resolve("rescue.json"),
                "{\"image_meta\": {\"id\": \"r\", \"properties\": {\"hw_rescue_bus\": \"usb\"}}, \"image_file\": \"rescue.img\"}");
        assertThat(run("instance", "rescue", UUID, "--rescue", document.toString()))
                .isZero();
        assertThat(bridge.calls)
                .anyMatch(call -> call.startsWith("rescue")
                        && call.contains("id=r")
                        && call.contains("hw_rescue_bus=usb")
                        && call.contains("imageFile=" + image));
        assertThat(out.toString()).contains("disk.rescue  vda", "instance unrescue " + UUID);
    }

    @Test
    void withoutADocumentTheBridgeChoosesTheImage() {
        assertThat(run("instance", "rescue", UUID)).isZero();
        assertThat(bridge.calls).anyMatch(call -> call.startsWith("rescue") && call.contains("id=null"));
        assertThat(run("instance", "unrescue", UUID)).isZero();
        assertThat(bridge.calls).anyMatch(call -> call.startsWith("unrescue"));
    }

    @Test
    void whatIsNotThereOrUnknownIsNamed() throws IOException {
        assertThat(run("instance", "rescue", UUID, "--image", "/no/such")).isEqualTo(2);
        assertThat(err.toString()).contains("--image: /no/such does not exist");
        Path document = Files.writeString(folder.resolve("rescue.json"), "{\"image\": {}}");
        assertThat(run("instance", "rescue", UUID, "--rescue", document.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("unknown key");
    }

    @Test
    void listAndShowSayThatItIsRescued() {
        InstanceView rescued = view("running", 1, null, null, "2026-11-22T08:00:00Z");
        bridge.answers.put("list", List.of(rescued));
        bridge.answers.put("show", rescued);
        assertThat(run("instance", "list")).isZero();
        assertThat(out.toString()).contains("running, rescued");
        assertThat(run("instance", "show", UUID)).isZero();
        assertThat(out.toString())
                .contains("rescued       since 2026-11-22T08:00:00Z; end it: nova-bridge instance unrescue " + UUID);
    }
}
