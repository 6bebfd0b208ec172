package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code instance adopt}: a guest that Nova's own driver has made, before and after a host switches over. */
@Command(
        name = "adopt",
        description = {
            "Take over a guest that Nova's own driver has made. The guest goes on as it is; only a record is written.",
            "",
            "nova-compute hands over all such guests of its host when it starts with nova-bridge's driver, so this is for"
                    + " looking before: --dry-run says which disks of which format would be recorded, or what is in the way. It"
                    + " needs no spec, and works while Nova's own driver still runs the guest.",
        })
final class InstanceAdopt extends InstanceActions.OfOne {
    @Option(
            names = "--spec",
            paramLabel = "SPEC.json",
            description = "Nova's spec of the guest. Without it a dry run does not compare disks with the flavor.")
    private @Nullable Path file;

    @Option(names = "--dry-run", description = "Say what would be recorded, or why not; write nothing.")
    private boolean dryRun;

    @Override
    public void run() {
        ObjectNode body = Json.mapper().createObjectNode();
        if (file != null) {
            body.set("spec", JsonDocument.read("--spec", file, "a spec"));
        }
        if (dryRun) {
            body.put("dry_run", true);
        }
        change.run(spec, client -> client.post(InstanceQueries.path(uuid) + "/adopt", body), InstanceAdopt::lines);
    }

    private static String lines(JsonNode result) {
        boolean adopted = result.path("adopted").asBoolean();
        boolean planned = result.path("dry_run").asBoolean();
        StringBuilder lines = new StringBuilder(
                planned
                        ? "nothing was written; it is recorded, or would be, with:\n"
                        : adopted ? "" : "it was known already\n");
        Table table = new Table("DISK", "BACKEND", "FORMAT", "SOURCE");
        for (JsonNode disk : result.path("disks")) {
            table.row(
                    InstanceQueries.cell(disk, "name"),
                    InstanceQueries.cell(disk, "backend"),
                    InstanceQueries.cell(disk, "format"),
                    InstanceQueries.cell(disk, "source"));
        }
        for (JsonNode volume : result.path("volumes")) {
            table.row(InstanceQueries.cell(volume, "device"), "volume", null, InstanceQueries.cell(volume, "source"));
        }
        return lines.append(table.text().stripTrailing()).toString();
    }
}
