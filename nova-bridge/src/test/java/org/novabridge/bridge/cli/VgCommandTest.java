package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.bridge.rest.Json;
import org.novabridge.driver.storage.lvm.VolumeGroupStatus;

class VgCommandTest {
    @Test
    void aWipeThatHasBegunSaysHowFarItIs() {
        assertThat(VgCommand.Status.wipe(new VolumeGroupStatus.PendingWipe("nb-wipe-a", 8L << 40, 0)))
                .isEqualTo("wipe pending");
        assertThat(VgCommand.Status.wipe(new VolumeGroupStatus.PendingWipe("nb-wipe-a", 8L << 40, 2L << 40)))
                .isEqualTo("wipe pending, 25 % is done");
    }

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
