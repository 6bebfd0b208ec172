package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code host resources}: what the running bridge reports to placement, and what it is made of. */
@Command(
        name = "resources",
        description = {
            "Space for guests' disks as the running bridge sees it, and the DISK_GB inventory for placement.",
            "GUESTS is what the disks of guests take when they are full; RESERVED what is taken or promised and is no"
                    + " guest's: base images, disks that wait for their wipe, volumes of others."
        })
final class HostResourcesCommand implements Runnable {
    @Mixin
    private final BridgeSocket socket = new BridgeSocket();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        JsonNode resources;
        try (BridgeClient client = socket.open()) {
            resources = client.get("/v1/host/resources");
        }
        Console console = Console.of(Objects.requireNonNull(spec));
        Table table = new Table("STORAGE", "KIND", "SIZE", "USED", "FREE", "GUESTS", "RESERVED", "OVER-SUBSCRIPTION");
        for (JsonNode one : resources.path("storage")) {
            table.row(
                    one.path("name").asText(),
                    one.path("kind").asText(),
                    size(one, "total"),
                    size(one, "used"),
                    size(one, "free"),
                    size(one, "guests"),
                    size(one, "reserved"),
                    one.hasNonNull("over_subscription")
                            ? one.path("over_subscription").asText()
                            : null);
        }
        console.show(resources, table);
        if (console.json()) {
            return;
        }
        JsonNode inventory = resources.path("disk_gb");
        String backend = resources.path("backend").asText();
        if (inventory.isMissingNode()) {
            console.say("no DISK_GB inventory: there is less than 1 GiB for disks of backend " + backend);
            return;
        }
        console.say(
                "DISK_GB (" + backend + "): total " + inventory.path("total").asText() + ", reserved "
                        + inventory.path("reserved").asText() + ", allocation ratio "
                        + inventory.path("allocation_ratio").asText() + ", units "
                        + inventory.path("min_unit").asText() + " to "
                        + inventory.path("max_unit").asText() + " in steps of "
                        + inventory.path("step_size").asText());
    }

    private static @Nullable String size(JsonNode one, String field) {
        return one.hasNonNull(field) ? VgCommand.Status.size(one.path(field).asLong()) : null;
    }
}
