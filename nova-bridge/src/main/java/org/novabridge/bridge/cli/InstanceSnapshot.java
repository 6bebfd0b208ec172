package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code instance snapshot}: an image of the root disk of a guest that goes on running where its storage allows it. */
@Command(
        name = "snapshot",
        description = "Make an image of the guest's root disk. On logical volumes a running guest stands still for a"
                + " moment only; on files it is saved and stopped meanwhile. Says which way was taken, and why.")
final class InstanceSnapshot implements Runnable {
    @Parameters(paramLabel = "UUID", description = "The instance.")
    private String uuid = "";

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description = "Where the image goes, a new file (default: [libvirt]snapshots_directory).")
    private @Nullable Path file;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "raw, qcow2, vmdk or vdi (default: [libvirt]snapshot_image_format, else the disk's own).")
    private @Nullable String format;

    @Option(
            names = "--compress",
            description = "Compress the image, which must be qcow2 (default: [libvirt]snapshot_compression).")
    private boolean compress;

    @Mixin
    private final Change change = new Change();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        ObjectNode body = Json.mapper().createObjectNode();
        Path wanted = file;
        if (wanted != null) {
            body.put("file", wanted.toAbsolutePath().normalize().toString());
        }
        if (format != null) {
            body.put("format", format);
        }
        if (compress) {
            body.put("compress", true);
        }
        change.run(
                spec, client -> client.post(InstanceQueries.path(uuid) + "/snapshot", body), InstanceSnapshot::lines);
    }

    private static String lines(JsonNode result) {
        StringBuilder lines = new StringBuilder(String.format(
                Locale.ROOT,
                "image: %s (%s, %d bytes)%n",
                Change.text(result, "file"),
                Change.text(result, "format"),
                result.path("bytes").asLong()));
        if (result.has("still_seconds")) {
            lines.append(String.format(
                    Locale.ROOT,
                    "the guest stood still for %.2f s, with %d frozen file systems%n",
                    result.path("still_seconds").asDouble(),
                    result.path("frozen_file_systems").asInt()));
        }
        return lines.append("way: ")
                .append(Change.text(result, "way"))
                .append(", because ")
                .append(Change.text(result, "reason"))
                .toString();
    }
}
