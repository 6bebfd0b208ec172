package org.novabridge.bridge.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.novabridge.bridge.rest.Json;
import org.novabridge.bridge.rest.ProblemBody;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.transfer.Frame;
import org.novabridge.driver.transfer.FrameReader;
import org.novabridge.driver.transfer.FrameWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code transfer}: what the bridge of another host runs here through ssh. Each command reads what is asked from standard
 * input, so that no secret is seen among the processes, and answers with one line of JSON, also when it is refused.
 */
@Command(
        name = "transfer",
        description = {
            "The other end of \"instance migrate\".",
            "",
            "The bridge of the host that an instance comes from runs these here through ssh. They speak to the running"
                    + " bridge, read from standard input, and answer with a line of JSON. Nobody needs them by hand.",
        },
        synopsisSubcommandLabel = "COMMAND")
@Subcommands({
    TransferCommand.Offer.class,
    TransferCommand.Receive.class,
    TransferCommand.Take.class,
    TransferCommand.Keep.class,
    TransferCommand.Drop.class,
})
final class TransferCommand implements Runnable {
    private static final String TRANSFERS = "/v1/transfers";
    private static final int MAX_REQUEST = 2 << 20;

    /** Less than what the bridge takes in one body. */
    private static final int BATCH = (2 << 20) - (64 << 10);

    private static final long LOOK_MILLIS = 300;
    private static final int LOOK_SECONDS = 5;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    /** One of them: the answer is an object, and so is a refusal. */
    abstract static class Word implements Callable<Integer> {
        @Mixin
        private final BridgeSocket socket = new BridgeSocket();

        @Spec
        private CommandSpec spec;

        private String told = "";

        abstract JsonNode work(BridgeClient client) throws IOException;

        @Override
        public final Integer call() {
            ObjectNode answer = Json.mapper().createObjectNode();
            answer.put("protocol", Frame.VERSION);
            int exit = 0;
            try (BridgeClient client = socket.open()) {
                answer.set("result", work(client));
            } catch (BridgeException e) {
                exit = Failures.FAILED;
                answer.set("problem", problem(e));
            } catch (CommandFailure e) {
                exit = Failures.FAILED;
                answer.set(
                        "problem",
                        problem(new BridgeException(
                                ErrorCode.RESIZE_REFUSED, String.valueOf(e.getMessage()), e.remedy())));
            } catch (IOException e) {
                exit = Failures.FAILED;
                answer.set(
                        "problem",
                        problem(new BridgeException(ErrorCode.INVALID_REQUEST, String.valueOf(e.getMessage()))));
            }
            spec.commandLine().getOut().println(answer);
            spec.commandLine().getOut().flush();
            return exit;
        }

        private static JsonNode problem(BridgeException failure) {
            return Json.mapper().valueToTree(ProblemBody.of(failure));
        }

        static JsonNode request() throws IOException {
            byte[] bytes = System.in.readNBytes(MAX_REQUEST);
            return Json.mapper().readTree(bytes);
        }

        /** Follows an operation to its end. */
        final JsonNode ended(BridgeClient client, JsonNode operation) {
            JsonNode now = operation;
            while (Change.going(now)) {
                now = client.get("/v1/operations/" + Change.text(operation, "id") + "?wait=" + LOOK_SECONDS);
                tell(now);
            }
            if (!Change.text(now, "state").equals("done")) {
                throw Change.failure(now);
            }
            return now.path("result");
        }

        /** A line to the other host when there is progress here: it waits as long as it hears of some. */
        final void tell(JsonNode operation) {
            String now = Change.text(operation, "phase") + ": "
                    + operation.path("percent").asText();
            if (!now.equals(told)) {
                told = now;
                spec.commandLine().getErr().println(now);
                spec.commandLine().getErr().flush();
            }
        }
    }

    @Command(name = "offer", description = "Make room for an instance, or say why not.")
    static final class Offer extends Word {
        @Override
        JsonNode work(BridgeClient client) throws IOException {
            JsonNode operation = client.post(TRANSFERS, request());
            JsonNode now = operation;
            while (Change.going(now) && !now.path("result").path("ready").asBoolean()) {
                try {
                    Thread.sleep(LOOK_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw CommandFailure.failed("interrupted", "ask again", e);
                }
                now = client.get("/v1/operations/" + Change.text(operation, "id"));
                tell(now);
            }
            return Change.going(now) ? now.path("result") : ended(client, now);
        }
    }

    @Command(name = "receive", description = "Take the disks of an instance for which there is room.")
    static final class Receive extends Word {
        @Override
        JsonNode work(BridgeClient client) throws IOException {
            FrameReader reader = new FrameReader(new BufferedInputStream(System.in, 1 << 20));
            Frame first = reader.next();
            if (first == null || first.kind() != Frame.Kind.OPEN) {
                throw new BridgeException(ErrorCode.INVALID_REQUEST, "a transfer begins with who sends it");
            }
            JsonNode claim = Json.mapper().readTree(first.payload());
            try {
                if (bring(client, claim, reader)) {
                    return Json.mapper().createObjectNode().put("complete", true);
                }
                throw new BridgeException(ErrorCode.INTERRUPTED, "the stream of the disks ended before their end");
            } catch (BridgeException | IOException e) {
                drop(client, claim, e);
                throw e;
            }
        }

        /**
         * At once, not when the bridge has lost its patience. One that does not answer is not asked: it would not again.
         *
         * @param why is what the other host is told, also when the drop is refused
         */
        private static void drop(BridgeClient client, JsonNode claim, Exception why) {
            try {
                client.post(TRANSFERS + "/drop", claim);
            } catch (BridgeException | CommandFailure refused) {
                why.addSuppressed(refused);
            }
        }

        /** True when the last frame was there. */
        private static boolean bring(BridgeClient client, JsonNode claim, FrameReader reader) throws IOException {
            ByteArrayOutputStream batch = new ByteArrayOutputStream(BATCH);
            FrameWriter writer = new FrameWriter(batch);
            boolean end = false;
            for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
                if (batch.size() > 0 && batch.size() + Frame.MAX_WIRE > BATCH) {
                    put(client, claim, batch);
                }
                writer.write(frame);
                if (frame.kind() == Frame.Kind.ALIVE) {
                    put(client, claim, batch);
                }
                end = frame.kind() == Frame.Kind.END;
            }
            if (batch.size() > 0) {
                put(client, claim, batch);
            }
            return end;
        }

        private static void put(BridgeClient client, JsonNode claim, ByteArrayOutputStream batch) {
            client.putFrames(
                    TRANSFERS + "/" + Change.text(claim, "migration") + "/frames",
                    Change.text(claim, "token"),
                    batch.toByteArray());
            batch.reset();
        }
    }

    @Command(name = "take", description = "The instance is this host's, and runs if it ran.")
    static final class Take extends Word {
        @Override
        JsonNode work(BridgeClient client) throws IOException {
            return ended(client, client.post(TRANSFERS + "/take", request()));
        }
    }

    @Command(name = "keep", description = "The instance stays here for good.")
    static final class Keep extends Word {
        @Override
        JsonNode work(BridgeClient client) throws IOException {
            return ended(client, client.post(TRANSFERS + "/keep", request()));
        }
    }

    @Command(name = "drop", description = "Remove the instance that has come; none is success.")
    static final class Drop extends Word {
        @Override
        JsonNode work(BridgeClient client) throws IOException {
            return ended(client, client.post(TRANSFERS + "/drop", request()));
        }
    }
}
