package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.function.Function;
import org.novabridge.bridge.rest.Json;
import org.novabridge.bridge.rest.ProblemBody;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * The mixin of commands that change something: asks the bridge, then follows the operation to its
 * end, or leaves it running with {@code --no-wait}.
 */
final class Change {
    private static final int WAIT_SECONDS = 30;

    @Mixin
    private final BridgeSocket socket = new BridgeSocket();

    @Option(names = "--no-wait", description = "Print the operation and return; it goes on in the bridge.")
    private boolean noWait;

    /** The bridge that it would be asked of, for a question before. */
    BridgeClient open() {
        return socket.open();
    }

    /** Runs the request; a failed operation ends in the exception of its problem. */
    void run(CommandSpec spec, Function<BridgeClient, JsonNode> request) {
        run(spec, request, result -> "");
    }

    /** @param lines what there is to say of the result, beside the line that all operations have */
    void run(CommandSpec spec, Function<BridgeClient, JsonNode> request, Function<JsonNode, String> lines) {
        Console console = Console.of(spec);
        try (BridgeClient client = socket.open()) {
            long began = System.nanoTime();
            JsonNode operation = request.apply(client);
            if (noWait) {
                print(
                        console,
                        operation,
                        "operation " + text(operation, "id") + " goes on; see \"nova-bridge operation" + " show "
                                + text(operation, "id") + "\"");
                return;
            }
            JsonNode ended = follow(console, client, operation);
            String state = text(ended, "state");
            if (!state.equals("done")) {
                throw failure(ended);
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            String more = lines.apply(ended.path("result"));
            print(
                    console,
                    ended,
                    String.format(
                            Locale.ROOT,
                            "%s %s: done in %.1f s%s",
                            text(ended, "kind"),
                            text(ended, "instance"),
                            seconds,
                            more.isEmpty() ? "" : "\n" + more));
        }
    }

    /**
     * Waits until the operation has ended, showing how far it is. When the bridge goes away meanwhile, nobody
     * can say how it ends: the next start of the bridge settles it.
     */
    static JsonNode follow(Console console, BridgeClient client, JsonNode operation) {
        JsonNode now = operation;
        try {
            while (going(now)) {
                console.progress(text(now, "phase"), now.path("percent").asDouble(-1));
                int wait = console.onTerminal() ? 1 : WAIT_SECONDS;
                now = client.get("/v1/operations/" + text(operation, "id") + "?wait=" + wait);
            }
        } catch (CommandFailure e) {
            throw CommandFailure.failed(
                    "the bridge went away during the " + text(operation, "kind") + " of " + text(operation, "instance")
                            + " (" + e.getMessage() + ")",
                    "start the bridge again: it settles operation " + text(operation, "id")
                            + " and finishes it or takes it back; see \"nova-bridge operation list\" and"
                            + " \"nova-bridge instance list\"",
                    e);
        } finally {
            console.progressDone();
        }
        return now;
    }

    /** Whether the operation has not ended. */
    static boolean going(JsonNode operation) {
        String state = text(operation, "state");
        return state.equals("pending") || state.equals("running");
    }

    /** What the ended operation failed with. */
    static RuntimeException failure(JsonNode ended) {
        JsonNode problem = ended.path("problem");
        if (problem.isObject()) {
            return Json.mapper().convertValue(problem, ProblemBody.class).toException();
        }
        return CommandFailure.failed(
                "operation " + text(ended, "id") + " is " + text(ended, "state"), "look at the bridge's log", null);
    }

    private static void print(Console console, JsonNode operation, String line) {
        if (console.json()) {
            console.json(operation);
        } else {
            console.say(line);
        }
    }

    static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }
}
