package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code instance rescue} and {@code unrescue}: a guest that boots from another disk, to be repaired. */
final class InstanceRescue {
    private InstanceRescue() {}

    @Command(
            name = "rescue",
            description = {
                "Boot the guest from a disk made of a rescue image, with its own disks beside it, to repair them.",
                "",
                "The rescue disk is made while the guest still runs; then it is stopped and starts from that disk. Until"
                        + " unrescue it is rebooted, stopped and started with it. Without --rescue the image is"
                        + " [libvirt]rescue_image_id, or the guest's own.",
                "",
                "The rescue disk is the first one and the root disk the second, and the guest has no other. With the image"
                        + " property hw_rescue_device or hw_rescue_bus (a stable rescue) it keeps all its disks and volumes"
                        + " where they are, and the rescue disk comes behind them."
            })
    static final class Begin extends InstanceActions.OfOne {
        @Option(
                names = "--rescue",
                paramLabel = "RESCUE.json",
                description =
                        "What to rescue with: {\"image_meta\": {\"id\": \"…\", \"disk_format\": \"qcow2\", \"properties\":"
                                + " {}}, \"image_file\": \"…\", \"config_drive_file\": \"…\"}, in Nova's names.")
        private @Nullable Path rescue;

        @Option(
                names = "--image",
                paramLabel = "FILE",
                description = "The rescue image; used when it is not in the bridge's cache yet.")
        private @Nullable Path image;

        @Option(
                names = "--config-drive",
                paramLabel = "FILE",
                description =
                        "A config drive for the rescue; needed when the guest has one, unless the rescue is stable.")
        private @Nullable Path configDrive;

        @Override
        public void run() {
            ObjectNode body = rescue == null
                    ? Json.mapper().createObjectNode()
                    : JsonDocument.read("--rescue", rescue, "a rescue");
            HandedFile.IMAGE.put(body, rescue, image);
            HandedFile.CONFIG_DRIVE.put(body, rescue, configDrive);
            change.run(
                    spec,
                    client -> client.post(InstanceQueries.path(uuid) + "/rescue", body),
                    result -> lines(uuid, result));
        }

        private static String lines(String uuid, JsonNode result) {
            Table table = new Table("DISK", "SEEN AS");
            for (JsonNode disk : result.path("disks")) {
                table.row(InstanceQueries.cell(disk, "name"), InstanceQueries.cell(disk, "target"));
            }
            return table.text().stripTrailing() + "\nwhen it is repaired: nova-bridge instance unrescue " + uuid;
        }
    }

    @Command(
            name = "unrescue",
            description =
                    "End a rescue: the guest is stopped and starts from its own disks, and the rescue disk is removed,"
                            + " wiped as configured. Of a guest that is not rescued what an earlier rescue has left is removed.")
    static final class End extends InstanceActions.OfOne {
        @Override
        public void run() {
            post("unrescue", null);
        }
    }
}
