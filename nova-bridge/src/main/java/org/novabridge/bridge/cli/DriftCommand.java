package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code drift}: which running guests differ from the configuration, what each needs, and bringing it to them. */
@Command(
        name = "drift",
        description = {
            "Print what running guests still have from before the configuration was changed, and what each needs:",
            "live (drift apply), replug (drift apply --replug), or a hard reboot (drift apply --reboot)."
        })
@Subcommands(DriftCommand.Apply.class)
final class DriftCommand extends InstanceQueries.Query {
    @Override
    public void run() {
        Table table = new Table("UUID", "NAME", "OWNER", "DISK", "ATTRIBUTE", "RUNNING WITH", "CONFIGURED", "NEEDS");
        ArrayNode all = Json.mapper().createArrayNode();
        List<String> unknown = new ArrayList<>();
        int looked = 0;
        try (BridgeClient client = socket.open()) {
            for (JsonNode one : guests(client, List.of())) {
                looked++;
                ObjectNode row = all.addObject();
                row.put("uuid", Change.text(one, "uuid"));
                row.put("name", Change.text(one, "name"));
                row.put("owner", Change.text(one, "owner"));
                row.set("drift", one.path("drift"));
                if (one.hasNonNull("drift_unknown")) {
                    row.put("drift_unknown", Change.text(one, "drift_unknown"));
                    unknown.add(Change.text(one, "uuid") + ": " + Change.text(one, "drift_unknown"));
                }
                for (JsonNode drift : one.path("drift")) {
                    table.row(
                            Change.text(one, "uuid"),
                            Change.text(one, "name"),
                            Change.text(one, "owner"),
                            Change.text(drift, "disk"),
                            Change.text(drift, "attribute"),
                            cell(drift, "running"),
                            cell(drift, "configured"),
                            Change.text(drift, "needs"));
                }
            }
        }
        Console console = Console.of(spec);
        console.show(all, table);
        unknown.forEach(line -> console.say("not known: " + Table.printable(line)));
        if (table.isEmpty()) {
            console.say("nothing drifts; guests looked at: " + looked);
        }
    }

    private static @Nullable String cell(JsonNode node, String field) {
        return node.hasNonNull(field) ? node.get(field).asText() : null;
    }

    /** The guests with their drift: those that are named, or all. */
    private static List<JsonNode> guests(BridgeClient client, List<String> named) {
        List<JsonNode> guests = new ArrayList<>();
        for (String uuid : named) {
            guests.add(client.get(InstanceQueries.path(uuid)));
        }
        if (named.isEmpty()) {
            for (JsonNode one : client.get("/v1/instances")) {
                try {
                    guests.add(client.get(InstanceQueries.path(Change.text(one, "uuid"))));
                } catch (BridgeException e) {
                    if (e.code() != ErrorCode.INSTANCE_NOT_FOUND) {
                        throw e;
                    }
                    // Deleted since the list.
                }
            }
        }
        return guests;
    }

    @Command(
            name = "apply",
            description = {
                "Bring to running guests what they can have live: limits, I/O threads for volumes, and where these"
                        + " threads run. The first failure ends it; what is done stays. To take it back, change the"
                        + " configuration back and apply again.",
                "",
                "With --replug also take the volumes that are named from the guest and give them back as configured:"
                        + " unmount them in the guest first. With --reboot also hard-reboot those guests of the operator"
                        + " that need it, one at a time; for guests of Nova the commands for that are printed."
            })
    static final class Apply implements Runnable {
        @Mixin
        private final BridgeSocket socket = new BridgeSocket();

        @Parameters(paramLabel = "UUID", arity = "0..*", description = "These instances.")
        private List<String> uuids = new ArrayList<>();

        @Option(names = "--all", description = "All guests of the host.")
        private boolean all;

        @Option(
                names = "--replug",
                paramLabel = "VOLUME",
                description = "Detach this volume of the one instance, an id or vdb, and attach it as configured.")
        private List<String> replugged = new ArrayList<>();

        @Option(names = "--reboot", description = "Hard-reboot guests of the operator that need it.")
        private boolean reboot;

        @Option(names = "--dry-run", description = "Only say what would be done.")
        private boolean dryRun;

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            if (all != uuids.isEmpty()) {
                throw CommandFailure.usage("name instances, or say --all", "see them with \"nova-bridge drift\"", null);
            }
            if (!replugged.isEmpty() && uuids.size() != 1) {
                throw CommandFailure.usage(
                        "--replug is for volumes of one instance, and " + (all ? "--all names" : uuids.size() + " are")
                                + " more",
                        "name the one instance",
                        null);
            }
            Console console = Console.of(Objects.requireNonNull(spec));
            ArrayNode done = Json.mapper().createArrayNode();
            try (BridgeClient client = socket.open()) {
                for (JsonNode guest : guests(client, uuids)) {
                    guest(console, client, guest, done.addObject());
                }
            } finally {
                if (console.json()) {
                    console.json(done);
                }
            }
        }

        private void guest(Console console, BridgeClient client, JsonNode guest, ObjectNode row) {
            String uuid = Change.text(guest, "uuid");
            row.put("uuid", uuid);
            JsonNode drift = guest.path("drift");
            if (guest.hasNonNull("drift_unknown")) {
                note(console, row, uuid + ": not known: " + Table.printable(Change.text(guest, "drift_unknown")));
            } else if (drift.isEmpty()) {
                note(console, row, uuid + ": as configured");
            }
            if (needs(drift, "live")) {
                String what = words(drift, "live");
                if (!dryRun) {
                    run(console, client, InstanceQueries.path(uuid) + "/apply-live", null);
                }
                note(console, row, uuid + ": " + (dryRun ? "would set live: " : "set live: ") + what);
            }
            if (needs(drift, "replug")) {
                replugged(console, row, uuid, drift);
            }
            for (String volume : replugged) {
                replug(console, client, row, uuid, volume);
            }
            if (needs(drift, "hard-reboot")) {
                rebooted(console, client, guest, row, words(drift, "hard-reboot"));
            }
        }

        /** What nobody has named. */
        private void replugged(Console console, ObjectNode row, String uuid, JsonNode drift) {
            if (replugged.isEmpty()) {
                note(
                        console,
                        row,
                        uuid + ": needs --replug for " + words(drift, "replug") + ": unmount the volume in the guest,"
                                + " then name it");
            }
        }

        private void replug(Console console, BridgeClient client, ObjectNode row, String uuid, String volume) {
            ObjectNode body = Json.mapper().createObjectNode();
            body.put("volume", volume);
            body.put("dry_run", dryRun);
            JsonNode result = run(console, client, InstanceQueries.path(uuid) + "/replug-volume", body)
                    .path("result");
            String what = words(result.path("changes"), "replug");
            String device = Change.text(result, "device");
            boolean done = result.path("replugged").asBoolean();
            if (!done && (!dryRun || what.isEmpty())) {
                note(console, row, uuid + ": " + device + " has nothing that a replug would bring");
            } else {
                note(
                        console,
                        row,
                        uuid + ": "
                                + (done
                                        ? "replugged " + device + " for "
                                        : "would replug " + device + ", which the guest is without meanwhile, for ")
                                + what);
            }
            JsonNode left = result.path("left");
            if (done && !left.isEmpty()) {
                note(console, row, uuid + ": still different: " + words(left, null));
            }
        }

        private void rebooted(Console console, BridgeClient client, JsonNode guest, ObjectNode row, String what) {
            String uuid = Change.text(guest, "uuid");
            if (Change.text(guest, "owner").equals("nova")) {
                // Nova would take a reboot by us for the guest's own stop, and act on it.
                note(console, row, uuid + ": for " + what + " run: openstack server reboot --hard " + uuid);
            } else if (!reboot || dryRun) {
                note(
                        console,
                        row,
                        uuid + ": " + (reboot ? "would be hard-rebooted for " : "needs --reboot for ") + what);
            } else {
                ObjectNode body = Json.mapper().createObjectNode();
                body.put("type", "HARD");
                run(console, client, InstanceQueries.path(uuid) + "/reboot", body);
                note(console, row, uuid + ": hard-rebooted for " + what);
            }
        }

        private static void note(Console console, ObjectNode row, String line) {
            row.withArray("/notes").add(line);
            console.say(line);
        }

        private static JsonNode run(Console console, BridgeClient client, String path, @Nullable ObjectNode body) {
            JsonNode ended = Change.follow(console, client, client.post(path, body));
            if (!Change.text(ended, "state").equals("done")) {
                throw Change.failure(ended);
            }
            return ended;
        }

        private static boolean needs(JsonNode drift, String remedy) {
            return !words(drift, remedy).isEmpty();
        }

        /**
         * {@code vda cache, vda iotune.total_iops_sec}.
         *
         * @param remedy of which only; null for all
         */
        private static String words(JsonNode drift, @Nullable String remedy) {
            List<String> words = new ArrayList<>();
            for (JsonNode one : drift) {
                if (remedy == null || Change.text(one, "needs").equals(remedy)) {
                    words.add(Change.text(one, "disk") + " " + Change.text(one, "attribute"));
                }
            }
            return String.join(", ", words);
        }
    }
}
