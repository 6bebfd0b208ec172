package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code image}: the cache of images. */
@Command(name = "image", description = "Images that this host has cached for its guests.")
@Subcommands({ImageCommand.ListAll.class})
final class ImageCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which image command? there is: list");
    }

    @Command(
            name = "list",
            description = {
                "The images of the cache that nova-bridge knows by id, last used first.",
                "One that no guest has used for [image_cache]remove_unused_original_minimum_age_seconds is removed. Files"
                        + " that only Nova's own driver has cached are not listed: nothing in them names their image."
            })
    static final class ListAll extends InstanceQueries.Query {
        @Override
        public void run() {
            JsonNode images = ask("/v1/images");
            Table table = new Table("IMAGE", "FORMAT", "SIZE", "USED", "BASE");
            for (JsonNode one : images) {
                table.row(
                        InstanceQueries.cell(one, "image"),
                        InstanceQueries.cell(one, "format"),
                        VgCommand.Status.size(one.path("virtual_size").asLong()),
                        InstanceQueries.cell(one, "used"),
                        InstanceQueries.cell(one, "base"));
            }
            Console console = Console.of(spec);
            console.show(images, table);
            if (table.isEmpty()) {
                console.say("no images");
            }
        }
    }
}
