package org.novabridge.bridge.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.novabridge.bridge.cli.ServerEvents.Event;
import org.novabridge.bridge.rest.Json;
import org.novabridge.driver.compute.HostEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code events}: what happens on the host, line by line, until somebody interrupts it or nobody reads it any more. */
@Command(
        name = "events",
        header = "Follow what happens on the host: guests, alarms of the thin pool, failed wipes, leftovers.",
        description = {
            "",
            "Prints a line for each event until it is interrupted; with --output json, a JSON object on each line. When"
                    + " the bridge goes away it waits for it to come back; \"reset\" then says that events may be"
                    + " missing: list everything anew.",
        })
final class EventsCommand implements Runnable {
    private static final String LINE = "%-20s  %-17s  %-36s  %s%n";
    private static final long RETRY_MILLIS = 2_000;

    @Mixin
    private final BridgeSocket socket = new BridgeSocket();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = ",",
            description = "Only these, and reset: ${COMPLETION-CANDIDATES}.")
    private List<HostEvent.Kind> kinds = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    private String last = "";

    @Override
    public void run() {
        Console console = Console.of(spec);
        if (!console.json()) {
            console.out().printf(LINE, "TIME", "KIND", "INSTANCE", "WHAT");
            console.out().flush();
        }
        try (BridgeClient client = socket.open()) {
            follow(console, client);
            while (!console.out().checkError()) {
                Thread.sleep(RETRY_MILLIS);
                followAgain(console, client);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(Console console, BridgeClient client) {
        client.follow(path(), last, event -> {
            last = event.id();
            print(console, event);
            return !console.out().checkError();
        });
    }

    /** One that was there a moment ago is being restarted. */
    private void followAgain(Console console, BridgeClient client) {
        try {
            follow(console, client);
        } catch (CommandFailure away) {
            console.progress("waiting for the bridge: " + away.getMessage(), -1);
        }
    }

    private String path() {
        return "/v1/events"
                + kinds.stream()
                        .map(kind -> "kind=" + kind.word())
                        .collect(Collectors.joining("&", kinds.isEmpty() ? "" : "?", ""));
    }

    private static void print(Console console, Event event) {
        console.progressDone();
        PrintWriter out = console.out();
        if (console.json()) {
            ObjectNode line = Json.mapper().createObjectNode();
            line.put("id", event.id());
            line.put("kind", event.kind());
            line.setAll((ObjectNode) event.data());
            try {
                out.println(Json.mapper().writeValueAsString(line));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a JSON tree that cannot be written", e);
            }
        } else {
            out.printf(
                    LINE,
                    time(Change.text(event.data(), "time")),
                    event.kind(),
                    Table.printable(Change.text(event.data(), "instance")),
                    Table.printable(Change.text(event.data(), "message")));
        }
        out.flush();
    }

    private static String time(String stamp) {
        return Instant.parse(stamp).truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
