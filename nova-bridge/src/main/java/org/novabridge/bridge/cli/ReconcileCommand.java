package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.novabridge.bridge.rest.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reconcile}: what on the host does not fit to what the bridge knows of it. */
@Command(
        name = "reconcile",
        header = "Compare journal, records, domains, folders and volumes, and settle what does not fit.",
        description = {
            "",
            "Tries again what operations could not take back, and begins wipes that wait. Volumes of nova-bridge that"
                    + " nothing knows are listed, and removed only by name with --remove, wiped as a delete would do it."
                    + " Volumes that nova-bridge has not made are never touched.",
        })
final class ReconcileCommand implements Runnable {
    private static final String PATH = "/v1/host/reconcile";

    @Mixin
    private final Change change = new Change();

    @Option(names = "--dry-run", description = "Only look; with --remove, say whether these would be removed.")
    private boolean dryRun;

    @Option(
            names = "--remove",
            paramLabel = "NAME",
            arity = "1..*",
            description = "Remove these volumes, which nothing knows; all of them or, when one is refused, none.")
    private List<String> remove = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        if (dryRun) {
            look();
            return;
        }
        ObjectNode body = Json.mapper().createObjectNode();
        remove.forEach(body.putArray("remove")::add);
        change.run(spec, client -> client.post(PATH, body), ReconcileCommand::lines);
    }

    private void look() {
        JsonNode report;
        try (BridgeClient client = change.open()) {
            report = client.get(PATH
                    + remove.stream()
                            .map(name -> "remove=" + InstanceQueries.encoded(name))
                            .collect(Collectors.joining("&", remove.isEmpty() ? "" : "?", "")));
        }
        Console console = Console.of(spec);
        if (console.json()) {
            console.json(report);
            return;
        }
        console.say(lines(report));
        remove.forEach(name -> console.say("would remove " + Table.printable(name)));
    }

    /** What was compared, what was done, and what was found with its remedies. */
    private static String lines(JsonNode report) {
        StringBuilder lines = new StringBuilder("compared: ");
        List<String> counts = new ArrayList<>();
        report.path("compared").fields().forEachRemaining(one -> counts.add(one.getValue() + " " + one.getKey()));
        lines.append(String.join(", ", counts));
        report.path("settling").forEach(one -> lines.append("\nsettling ").append(Table.printable(one.asText())));
        report.path("removed").forEach(one -> lines.append("\nremoved ").append(Table.printable(one.asText())));
        JsonNode found = report.path("found");
        if (found.isEmpty()) {
            return lines.append("\neverything fits").toString();
        }
        Table table = new Table("FOUND", "NAME", "WHAT");
        for (JsonNode one : found) {
            table.row(Change.text(one, "kind"), Change.text(one, "name"), Change.text(one, "message"));
        }
        lines.append("\n\n").append(table.text()).append('\n');
        for (JsonNode one : found) {
            lines.append("remedy for ")
                    .append(Table.printable(Change.text(one, "name")))
                    .append(": ")
                    .append(Table.printable(Change.text(one, "remedy")))
                    .append('\n');
        }
        return lines.toString().stripTrailing();
    }
}
