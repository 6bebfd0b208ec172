package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code operation …}: what the bridge is doing and did in the last 24 hours. */
@Command(
        name = "operation",
        header = "Operations: what the bridge is doing and did in the last 24 hours.",
        synopsisSubcommandLabel = "COMMAND")
@Subcommands({OperationCommand.ListAll.class, OperationCommand.Show.class, OperationCommand.Cancel.class})
final class OperationCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    private static String path(String id) {
        return "/v1/operations/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Table table(Iterable<JsonNode> operations) {
        Table table = new Table("ID", "KIND", "INSTANCE", "STATE", "PHASE", "PERCENT", "CALLER", "UPDATED");
        for (JsonNode one : operations) {
            table.row(
                    InstanceQueries.cell(one, "id"),
                    InstanceQueries.cell(one, "kind"),
                    InstanceQueries.cell(one, "instance"),
                    InstanceQueries.cell(one, "state"),
                    InstanceQueries.cell(one, "phase"),
                    percent(one.path("percent").asDouble(-1)),
                    InstanceQueries.cell(one, "caller"),
                    InstanceQueries.cell(one, "updated"));
        }
        return table;
    }

    private static @Nullable String percent(double percent) {
        return percent < 0 ? null : String.format(Locale.ROOT, "%.0f", percent);
    }

    @Command(name = "list", description = "All operations that are kept, newest first.")
    static final class ListAll extends InstanceQueries.Query {
        @Override
        public void run() {
            JsonNode operations = ask("/v1/operations");
            Table table = table(operations);
            Console console = Console.of(spec);
            console.show(operations, table);
            if (table.isEmpty()) {
                console.say("no operations");
            }
        }
    }

    @Command(name = "show", description = "One operation; with --wait, when it has ended.")
    static final class Show extends InstanceQueries.Query {
        @Parameters(paramLabel = "ID", description = "The operation.")
        private String id = "";

        @Option(names = "--wait", description = "Follow it to its end; exit as the command that began it would have.")
        private boolean wait;

        @Override
        public void run() {
            Console console = Console.of(spec);
            JsonNode operation;
            try (BridgeClient client = socket.open()) {
                operation = client.get(path(id));
                if (wait) {
                    operation = Change.follow(console, client, operation);
                }
            }
            console.show(operation, table(java.util.List.of(operation)));
            JsonNode problem = operation.path("problem");
            if (problem.isObject() && wait) {
                throw Change.failure(operation);
            }
            if (problem.isObject()) {
                console.say("problem: " + Table.printable(Change.text(problem, "detail")));
                if (problem.hasNonNull("remedy")) {
                    console.say("remedy:  " + Table.printable(Change.text(problem, "remedy")));
                }
            }
        }
    }

    @Command(name = "cancel", description = "Ask an operation to stop and to take back what it did.")
    static final class Cancel extends InstanceQueries.Query {
        @Parameters(paramLabel = "ID", description = "The operation.")
        private String id = "";

        @Override
        public void run() {
            JsonNode operation;
            try (BridgeClient client = socket.open()) {
                operation = client.delete(path(id));
            }
            Console.of(spec).show(operation, table(java.util.List.of(operation)));
        }
    }
}
