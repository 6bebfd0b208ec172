package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.novabridge.bridge.rest.Json;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that change one existing guest. */
final class InstanceActions {
    private InstanceActions() {}

    /** A change of one guest. */
    abstract static class OfOne implements Runnable {
        @Parameters(paramLabel = "UUID", description = "The instance.")
        String uuid = "";

        @Mixin
        final Change change = new Change();

        @Spec
        CommandSpec spec;

        final void post(String action, @Nullable ObjectNode body) {
            change.run(spec, client -> client.post(InstanceQueries.path(uuid) + "/" + action, body));
        }
    }

    @Command(name = "delete", description = "Stop the guest and remove its disks, wiped as configured.")
    static final class Delete extends OfOne {
        @Override
        public void run() {
            change.run(spec, client -> client.delete(InstanceQueries.path(uuid)));
        }
    }

    @Command(
            name = "reboot",
            description = "Reboot the guest. --soft (the default) asks the guest and falls back to hard; --hard"
                    + " stops it and starts it with a definition made from today's configuration.")
    static final class Reboot extends OfOne {
        @ArgGroup
        private @Nullable Type type;

        static final class Type {
            @Option(names = "--hard", required = true, description = "Pull the plug, and apply today's configuration.")
            private boolean hard;

            @Option(names = "--soft", required = true, description = "Ask the guest to reboot.")
            private boolean soft;
        }

        @Override
        public void run() {
            Type asked = type;
            ObjectNode body = Json.mapper().createObjectNode();
            body.put("type", asked != null && asked.hard && !asked.soft ? "HARD" : "SOFT");
            post("reboot", body);
        }
    }

    @Command(name = "start", description = "Power the guest on, with a definition made from today's configuration.")
    static final class Start extends OfOne {
        @Override
        public void run() {
            post("power-on", null);
        }
    }

    @Command(name = "stop", description = "Ask the guest to shut down, and pull the plug when it does not.")
    static final class Stop extends OfOne {
        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                description = "How long to wait; 0 pulls the plug at once (default: shutdown_timeout).")
        private @Nullable Integer timeout;

        @Override
        public void run() {
            ObjectNode body = Json.mapper().createObjectNode();
            Integer seconds = timeout;
            if (seconds != null) {
                body.put("timeout", seconds);
            }
            post("power-off", body);
        }
    }

    @Command(name = "pause", description = "Stop the guest's processors; its memory stays.")
    static final class Pause extends OfOne {
        @Override
        public void run() {
            post("pause", null);
        }
    }

    @Command(name = "unpause", description = "Let a paused guest go on.")
    static final class Unpause extends OfOne {
        @Override
        public void run() {
            post("unpause", null);
        }
    }

    @Command(name = "suspend", description = "Save the guest's memory to disk and stop it.")
    static final class Suspend extends OfOne {
        @Override
        public void run() {
            post("suspend", null);
        }
    }

    @Command(name = "resume", description = "Bring a suspended guest back.")
    static final class Resume extends OfOne {
        @Override
        public void run() {
            post("resume", null);
        }
    }

    @Command(
            name = "quiesce",
            description =
                    "Have the guest's agent freeze its file systems, for pictures of its volumes that somebody else"
                            + " takes. They are thawed by unquiesce, after quiesce_timeout, and by the next start of the bridge.")
    static final class Quiesce extends OfOne {
        @Override
        public void run() {
            change.run(
                    spec,
                    client -> client.post(InstanceQueries.path(uuid) + "/quiesce", null),
                    result -> result.path("frozen_file_systems").asInt() + " file systems are frozen, at most for "
                            + result.path("longest_seconds").asLong() + " s");
        }
    }

    @Command(name = "unquiesce", description = "Have the guest's agent thaw its file systems.")
    static final class Unquiesce extends OfOne {
        @Override
        public void run() {
            change.run(
                    spec,
                    client -> client.post(InstanceQueries.path(uuid) + "/unquiesce", null),
                    result -> result.path("held").asBoolean() ? "" : "they were not frozen any more");
        }
    }

    @Command(
            name = "crash-dump",
            description =
                    "Send the guest a non-maskable interrupt: one that is set up for it dumps its memory. What it does"
                            + " then is its own affair.")
    static final class CrashDump extends OfOne {
        @Override
        public void run() {
            post("crash-dump", null);
        }
    }
}
