package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code instance create}: reads the spec, puts absolute file names into it, and hands it to the bridge. */
@Command(
        name = "create",
        description = "Make the disks of a new guest and start it. SPEC.json holds the arguments of Nova's spawn; see"
                + " the reference of the REST interface.")
final class InstanceCreate implements Runnable {
    @Option(names = "--spec", required = true, paramLabel = "SPEC.json", description = "The instance to create.")
    private Path spec = Path.of("");

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description = "The image of the root disk; used when it is not in the bridge's cache yet.")
    private @Nullable Path image;

    @Option(names = "--config-drive", paramLabel = "FILE", description = "A config drive, as Nova would have made it.")
    private @Nullable Path configDrive;

    @Option(names = "--power-off", description = "Leave the new guest stopped.")
    private boolean powerOff;

    @Mixin
    private final Change change = new Change();

    @Spec
    private CommandSpec command;

    @Override
    public void run() {
        ObjectNode body = JsonDocument.read("--spec", spec, "a spec");
        HandedFile.IMAGE.put(body, spec, image);
        HandedFile.CONFIG_DRIVE.put(body, spec, configDrive);
        if (powerOff) {
            body.put("power_on", false);
        }
        change.run(command, client -> client.post("/v1/instances", body));
    }
}
