package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.bridge.rest.Json;

class VgCommandTest {
    @Test
    void whatIsReleasedHasTheNamesOfAllJson() {
        assertThat(Json.mapper()
                        .valueToTree(new VgCommand.Release.Released(
                                List.of("vgchange --deltag nova-bridge nova"), List.of("images_type = lvm")))
                        .toString())
                .isEqualTo("{\"command_lines\":[\"vgchange --deltag nova-bridge nova\"],"
                        + "\"nova_compute_conf\":[\"images_type = lvm\"]}");
    }
}
