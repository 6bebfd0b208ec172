package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code instance migrate}, {@code migrate-confirm} and {@code migrate-revert}: to another host, stopped meanwhile. */
final class InstanceMigrate {
    private InstanceMigrate() {}

    @Command(
            name = "migrate",
            description = {
                "Bring the guest to another host, with another flavor if one is given.",
                "",
                "The other host makes room first, and refuses (exit 3) before the guest is touched. Then the guest is"
                        + " stopped, what its disks hold is sent through ssh, and it starts there if it ran. Its disks stay here"
                        + " too until you decide: migrate-confirm removes them here, migrate-revert removes the guest there and"
                        + " starts it here as it was. A transfer that breaks off leaves nothing there, and the guest here.",
            })
    static final class Begin extends InstanceActions.OfOne {
        @Option(
                names = "--host",
                required = true,
                paramLabel = "HOST",
                description = "The other host, as ssh on this one knows it.")
        private String host = "";

        @Option(
                names = "--flavor",
                paramLabel = "FLAVOR.json",
                description = "The flavor that it is to have there, as in instance resize.")
        private @Nullable Path flavor;

        @Option(names = "--dry-run", description = "Ask the other host whether it would take it; change nothing.")
        private boolean dryRun;

        @Override
        public void run() {
            ObjectNode body = Json.mapper().createObjectNode();
            body.put("host", host);
            if (flavor != null) {
                body.set("flavor", JsonDocument.read("--flavor", flavor, "a flavor"));
            }
            if (dryRun) {
                body.put("dry_run", true);
            }
            change.run(
                    spec,
                    client -> client.post(InstanceQueries.path(uuid) + "/migrate", body),
                    result -> lines(uuid, result));
        }
    }

    @Command(
            name = "migrate-confirm",
            description =
                    "The guest stays on the other host, where it must run if it ran here: removes it here, its disks"
                            + " wiped as configured.")
    static final class Confirm extends InstanceActions.OfOne {
        @Option(
                names = "--stopped",
                description = "Also when a guest of Nova's that ran here is off there: its user has stopped it.")
        private boolean stopped;

        @Override
        public void run() {
            post("migrate-confirm", Json.mapper().createObjectNode().put("running", !stopped));
        }
    }

    @Command(
            name = "migrate-revert",
            description =
                    "The guest comes back: the other host removes it with all that it has written there, and it"
                            + " starts here as it was, if it ran. Of Nova's guests only one that does not run there; Nova starts it.")
    static final class Revert extends InstanceActions.OfOne {
        @Option(
                names = "--force",
                description =
                        "Do not ask the other host: only when it is lost for good, or has no copy. If it still ran the"
                                + " guest, there would be two.")
        private boolean force;

        @Override
        public void run() {
            // Of Nova's guests the host alone knows too little to remove one that runs.
            post(
                    "migrate-revert",
                    Json.mapper().createObjectNode().put("force", force).put("idle", true));
        }
    }

    private static String lines(String uuid, JsonNode result) {
        Table table = new Table("DISK", "SIZE");
        for (JsonNode disk : result.path("disks")) {
            table.row(InstanceQueries.cell(disk, "name"), InstanceQueries.size(disk.path("size")));
        }
        String disks = table.text().stripTrailing();
        if (result.path("dry_run").asBoolean()) {
            return "nothing was changed; " + Change.text(result, "host") + " would take:\n" + disks;
        }
        return disks + "\nsent: " + result.path("sent_bytes").asLong() + " bytes of "
                + result.path("allocated_bytes").asLong() + " allocated\nnow look at the guest on "
                + Change.text(result, "host") + ", then, here: nova-bridge instance migrate-confirm " + uuid
                + ", or migrate-revert " + uuid;
    }
}
