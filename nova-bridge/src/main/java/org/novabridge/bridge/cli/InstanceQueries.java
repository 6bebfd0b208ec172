package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that only look at guests. */
final class InstanceQueries {
    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private InstanceQueries() {}

    /** The path of an instance; what is no UUID goes nowhere. */
    static String path(String uuid) {
        if (!UUID.matcher(uuid).matches()) {
            throw CommandFailure.usage(
                    "the instance is no UUID in its canonical form (small letters)",
                    "take it from nova-bridge instance list",
                    null);
        }
        return "/v1/instances/" + uuid;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A question to the running bridge. */
    abstract static class Query implements Runnable {
        @Mixin
        final BridgeSocket socket = new BridgeSocket();

        @Spec
        CommandSpec spec;

        final JsonNode ask(String path) {
            try (BridgeClient client = socket.open()) {
                return client.get(path);
            }
        }
    }

    @Command(name = "list", description = "All guests of the host.")
    static final class ListAll extends Query {
        @Override
        public void run() {
            JsonNode instances = ask("/v1/instances");
            Table table = new Table("UUID", "NAME", "DISPLAY NAME", "OWNER", "BACKEND", "STATE");
            for (JsonNode one : instances) {
                table.row(
                        cell(one, "uuid"),
                        cell(one, "name"),
                        cell(one, "display_name"),
                        cell(one, "owner"),
                        cell(one, "backend"),
                        cell(one, "state")
                                + (cell(one, "stalled") == null ? "" : ", stopped by its disk")
                                + (cell(one, "rescued_since") == null ? "" : ", rescued")
                                + (one.path("resize").isObject() ? ", resize waits" : "")
                                + (one.path("migration").isObject() ? ", migration waits" : ""));
            }
            Console console = Console.of(spec);
            console.show(instances, table);
            if (table.isEmpty()) {
                console.say("no instances");
            }
        }
    }

    /** A question about one guest. */
    abstract static class OfOne extends Query {
        @Parameters(paramLabel = "UUID", description = "The instance.")
        String uuid = "";
    }

    @Command(
            name = "show",
            description = "One guest: its state, its disks, and what it still has from before the configuration was"
                    + " changed.")
    static final class Show extends OfOne {
        @Override
        public void run() {
            JsonNode one = ask(path(uuid));
            Console console = Console.of(spec);
            if (console.json()) {
                console.json(one);
                return;
            }
            PrintWriter out = console.out();
            for (String field : new String[] {"uuid", "name", "display_name", "owner", "backend", "state"}) {
                out.printf("%-13s %s%n", field.replace('_', ' '), Table.printable(orDash(cell(one, field))));
            }
            String stalled = cell(one, "stalled");
            if (stalled != null) {
                out.printf("%-13s %s%n", "stalled", Table.printable(stalled));
            }
            String rescued = cell(one, "rescued_since");
            if (rescued != null) {
                out.printf("%-13s since %s; end it: nova-bridge instance unrescue %s%n", "rescued", rescued, uuid);
            }
            resize(out, one.path("resize"), uuid);
            migration(out, one.path("migration"), uuid);
            if (!one.path("disks").isEmpty()) {
                out.println();
                disks(one.path("disks")).print(out);
            }
            out.println();
            drift(out, one);
            out.flush();
        }

        private static void resize(PrintWriter out, JsonNode resize, String uuid) {
            if (!resize.isObject()) {
                return;
            }
            String next = switch (resize.path("phase").asText()) {
                case "confirming" -> "half confirmed; finish it: nova-bridge instance resize-confirm " + uuid;
                case "reverting" -> "half taken back; finish it: nova-bridge instance resize-revert " + uuid;
                default -> "waits; end it: nova-bridge instance resize-confirm " + uuid + ", or resize-revert " + uuid;
            };
            out.printf(
                    "%-13s from %s to %s at %s: %s%n",
                    "resize",
                    Table.printable(orDash(cell(resize, "from"))),
                    Table.printable(orDash(cell(resize, "to"))),
                    cell(resize, "since"),
                    next);
        }

        private static void migration(PrintWriter out, JsonNode migration, String uuid) {
            if (!migration.isObject()) {
                return;
            }
            String next = switch (migration.path("phase").asText()) {
                case "sent" ->
                    "waits; end it: nova-bridge instance migrate-confirm " + uuid + ", or migrate-revert " + uuid;
                case "confirming", "confirmed" ->
                    "half confirmed; finish it: nova-bridge instance migrate-confirm " + uuid;
                default -> "waits to be confirmed or reverted on the host that it came from";
            };
            String host = cell(migration, "host");
            out.printf(
                    "%-13s %s at %s: %s%n",
                    "migration",
                    host == null ? "to this host" : "to " + Table.printable(host),
                    cell(migration, "since"),
                    next);
        }

        private static void drift(PrintWriter out, JsonNode one) {
            String unknown = cell(one, "drift_unknown");
            if (unknown != null) {
                out.println("Whether it matches the configuration is not known: " + Table.printable(unknown));
                return;
            }
            if (one.path("drift").isEmpty()) {
                out.println("Its disks are as the configuration wants them.");
                return;
            }
            Table table = new Table("DISK", "ATTRIBUTE", "RUNNING WITH", "CONFIGURED", "NEEDS");
            for (JsonNode drift : one.path("drift")) {
                table.row(
                        cell(drift, "disk"),
                        cell(drift, "attribute"),
                        cell(drift, "running"),
                        cell(drift, "configured"),
                        cell(drift, "needs"));
            }
            out.println("Still from before; \"nova-bridge instance reboot --hard\" brings the configured value:");
            table.print(out);
        }
    }

    @Command(name = "disks", description = "The disks of one guest, as they are on the storage and in the guest.")
    static final class Disks extends OfOne {
        @Override
        public void run() {
            JsonNode found = ask(path(uuid) + "/disks");
            Table table =
                    new Table("NAME", "ROLE", "TARGET", "BUS", "CACHE", "IO", "DISCARD", "FORMAT", "SIZE", "SOURCE");
            for (JsonNode disk : found) {
                table.row(
                        cell(disk, "name"),
                        cell(disk, "role"),
                        cell(disk, "target"),
                        cell(disk, "bus"),
                        cell(disk, "cache"),
                        cell(disk, "io"),
                        cell(disk, "discard"),
                        cell(disk, "format"),
                        size(disk.path("size_bytes")),
                        source(disk));
            }
            Console.of(spec).show(found, table);
        }
    }

    @Command(
            name = "console",
            description =
                    "The end of the guest's console log: to a terminal with control characters shown as ^[ and the"
                            + " like, so that the guest cannot steer it; into a file or a pipe as it is.")
    static final class ConsoleLog extends OfOne {
        @Option(names = "--tail", paramLabel = "BYTES", description = "How much of its end to print (default: 102400).")
        private @Nullable Integer tail;

        @Option(
                names = "--raw",
                description = "As it is to a terminal, too: what the guest has written there acts on it.")
        private boolean raw;

        @Override
        public void run() {
            Integer bytes = tail;
            String query = bytes == null ? "" : "?tail=" + bytes;
            byte[] log;
            try (BridgeClient client = socket.open()) {
                log = client.bytes(path(uuid) + "/console" + query);
            }
            Console.of(spec).fromGuest(log, raw);
        }
    }

    @Command(
            name = "explain",
            description = "Why each attribute of each disk has its value, with the configuration of the running bridge;"
                    + " and what a running guest has instead from before a change.")
    static final class Explain extends OfOne {
        @Option(names = "--disk", paramLabel = "DEVICE", description = "Only this disk (vda).")
        private @Nullable String disk;

        @Option(names = "--attribute", paramLabel = "NAME", description = "Only this attribute (cache).")
        private @Nullable String attribute;

        @Override
        public void run() {
            StringBuilder query = new StringBuilder();
            add(query, "disk", disk);
            add(query, "attribute", attribute);
            JsonNode lines = ask(path(uuid) + "/explanation" + query);
            Table table = new Table("DISK", "ATTRIBUTE", "VALUE", "RUNNING WITH", "RULE", "ORIGIN", "WHY");
            for (JsonNode line : lines) {
                String running = cell(line, "running");
                table.row(
                        cell(line, "disk"),
                        cell(line, "attribute"),
                        cell(line, "value"),
                        running == null ? "" : running,
                        cell(line, "rule"),
                        cell(line, "origin"),
                        cell(line, "reason"));
            }
            Console.of(spec).show(lines, table);
        }

        private static void add(StringBuilder query, String name, @Nullable String value) {
            if (value != null) {
                query.append(query.length() == 0 ? '?' : '&')
                        .append(name)
                        .append('=')
                        .append(encoded(value));
            }
        }
    }

    static Table disks(JsonNode disks) {
        Table table = new Table("NAME", "ROLE", "TARGET", "SIZE", "FORMAT", "TYPE", "SOURCE");
        for (JsonNode disk : disks) {
            table.row(
                    cell(disk, "name"),
                    cell(disk, "role"),
                    cell(disk, "target"),
                    size(disk.path("size_bytes")),
                    cell(disk, "format"),
                    cell(disk, "source_type"),
                    source(disk));
        }
        return table;
    }

    private static String source(JsonNode disk) {
        return orDash(cell(disk, "source")) + (disk.path("exists").asBoolean(true) ? "" : " (missing)");
    }

    /** In the largest unit that needs no fraction. */
    static @Nullable String size(JsonNode bytes) {
        if (!bytes.isNumber()) {
            return null;
        }
        long left = bytes.longValue();
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        int unit = 0;
        while (unit < units.length - 1 && left != 0 && left % 1024 == 0) {
            left /= 1024;
            unit++;
        }
        return left + " " + units[unit];
    }

    static @Nullable String cell(JsonNode node, String field) {
        JsonNode value = node.path(field);
        return value.isMissingNode() || value.isNull() ? null : value.asText();
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }
}
