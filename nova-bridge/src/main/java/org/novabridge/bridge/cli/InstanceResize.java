package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.novabridge.bridge.rest.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code instance resize}, {@code resize-confirm} and {@code resize-revert}: another flavor on the same host. */
final class InstanceResize {
    private InstanceResize() {}

    @Command(
            name = "resize",
            description = {
                "Give the guest another flavor, on this host.",
                "",
                "The guest is stopped, what its disks hold is kept, they grow, and it starts again if it ran. Then look"
                        + " at it, and end the resize: resize-confirm removes what was kept, resize-revert brings guest and"
                        + " disks back to the moment it was stopped. Until then the storage holds both.",
                "",
                "What is kept of a thin volume is a snapshot; of a thick one a full copy, and without room for that the"
                        + " resize is refused (exit 3) before the guest is touched; of a file a copy. A smaller root or ephemeral disk is"
                        + " refused; swap is made anew. When no disk grows nothing is kept, and a revert changes no disk.",
                "",
                "--online grows the disks of a running guest and nothing else of it: no stop, nothing kept, nothing to"
                        + " confirm, and no way back. The guest enlarges its partition and file system by itself."
            })
    static final class Begin extends InstanceActions.OfOne {
        @Option(
                names = "--flavor",
                required = true,
                paramLabel = "FLAVOR.json",
                description =
                        "The new flavor, in Nova's names: {\"name\": \"m1.large\", \"vcpus\": 4, \"memory_mb\": 8192,"
                                + " \"root_gb\": 80, \"ephemeral_gb\": 0, \"swap\": 0, \"extra_specs\": {}}.")
        private Path flavor = Path.of("");

        @Option(names = "--online", description = "Grow the disks while the guest runs.")
        private boolean online;

        @Option(names = "--dry-run", description = "Say what would become of each disk, or why not; change nothing.")
        private boolean dryRun;

        @Override
        public void run() {
            ObjectNode body = Json.mapper().createObjectNode();
            body.set("flavor", JsonDocument.read("--flavor", flavor, "a flavor"));
            if (online) {
                body.put("online", true);
            }
            if (dryRun) {
                body.put("dry_run", true);
            }
            change.run(
                    spec,
                    client -> client.post(InstanceQueries.path(uuid) + "/resize", body),
                    result -> lines(uuid, result));
        }
    }

    @Command(
            name = "resize-confirm",
            description =
                    "Keep what a resize has made: removes the disks as they were before it, wiped as configured. The"
                            + " guest is not touched.")
    static final class Confirm extends InstanceActions.OfOne {
        @Override
        public void run() {
            post("resize-confirm", null);
        }
    }

    @Command(
            name = "resize-revert",
            description =
                    "Take a resize back: the guest is stopped, and its disks, flavor and definition become what they"
                            + " were; it starts again if it ran before the resize. What it has written since to disks that were kept"
                            + " is lost.")
    static final class Revert extends InstanceActions.OfOne {
        @Override
        public void run() {
            post("resize-revert", null);
        }
    }

    private static String lines(String uuid, JsonNode result) {
        StringBuilder lines = new StringBuilder();
        boolean planned = result.path("dry_run").asBoolean();
        if (planned) {
            lines.append("nothing was changed; it would be:\n");
        }
        Table table = new Table("DISK", "CHANGE", "FROM", "TO", "KEPT AS IT WAS");
        for (JsonNode disk : result.path("disks")) {
            table.row(
                    InstanceQueries.cell(disk, "name"),
                    InstanceQueries.cell(disk, "change"),
                    InstanceQueries.size(disk.path("from")),
                    InstanceQueries.size(disk.path("to")),
                    InstanceQueries.cell(disk, "kept"));
        }
        lines.append(table.text().stripTrailing());
        if (!result.path("confirm").asBoolean()) {
            return lines.append("\nway: ")
                    .append(Change.text(result, "way"))
                    .append("; nothing is kept, and nothing is to be confirmed")
                    .toString();
        }
        return planned
                ? lines.toString()
                : lines.append("\nnow look at the guest, then: nova-bridge instance resize-confirm ")
                        .append(uuid)
                        .append(", or resize-revert ")
                        .append(uuid)
                        .toString();
    }
}
