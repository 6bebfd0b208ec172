package org.novabridge.driver.compute;

import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.transfer.Frame;
import org.novabridge.driver.transfer.FrameReader;
import org.novabridge.driver.transfer.FrameWriter;

/** What ssh and the commands of the other host do, in memory. */
final class FakeWire implements RemoteBridge {
    volatile FakeHost.@Nullable Life destination;

    /** Whether the bridge there is dead. */
    volatile BooleanSupplier dead = () -> false;

    /** The word at which the connection breaks. */
    volatile @Nullable Word broken;

    volatile boolean doneBeforeItBreaks;
    /** What the offer says instead of its own; 0 for that. */
    volatile int protocol;

    /** Whether an offer comes in the words of the release before. */
    volatile boolean fromBefore;

    /** Whether the other host is of the release before, which knows no words of what a guest must be doing. */
    volatile boolean toBefore;

    /** As whom ssh comes to the other host. */
    volatile Caller offering = OPERATOR;

    @Override
    public JsonNode call(String host, Word word, Stream request, BooleanSupplier cancelled) {
        if (word == broken && !doneBeforeItBreaks) {
            throw unreachable();
        }
        JsonNode answer;
        try {
            answer = done(word, bytes(request));
        } catch (FakeHost.Dead e) {
            throw unreachable();
        }
        if (word == broken) {
            throw unreachable();
        }
        return answer;
    }

    private void demandAlive() {
        if (dead.getAsBoolean()) {
            throw unreachable();
        }
    }

    private FakeHost.Life there() {
        return Objects.requireNonNull(destination);
    }

    private BridgeException unreachable() {
        return new BridgeException(
                ErrorCode.STORAGE_FAILED, "the connection broke", null, new IOException("broken pipe"));
    }

    byte[] bytes(Stream request) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            request.writeTo(out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode done(Word word, byte[] request) {
        try {
            return switch (word) {
                case OFFER -> offered(begin(request));
                case RECEIVE -> received(new FrameReader(new ByteArrayInputStream(request)));
                case TAKE -> ended(there().arrivals().take(NOVA, claim(request)));
                case KEEP -> ended(there().arrivals().keep(NOVA, claim(request)));
                case DROP -> ended(there().arrivals().drop(NOVA, claim(request)));
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MigrationClaim claim(byte[] json) throws IOException {
        if (toBefore && StateJson.MAPPER.readTree(json).has("running")) {
            throw new BridgeException(ErrorCode.INVALID_REQUEST, "running is no word of this release");
        }
        return StateJson.MAPPER.readValue(json, MigrationClaim.class);
    }

    JsonNode ended(Operation operation) {
        Operation ended = there().operations().get(operation.id());
        while (!ended.state().ended()) {
            demandAlive();
            LockSupport.parkNanos(200_000);
            ended = there().operations().get(operation.id());
        }
        if (ended.problem() != null) {
            throw new BridgeException(
                    ended.problem().code(),
                    ended.problem().detail(),
                    ended.problem().remedy());
        }
        return StateJson.MAPPER.valueToTree(ended.result());
    }

    /** An offer that nobody waits for. */
    Operation begin(byte[] request) throws IOException {
        JsonNode said = StateJson.MAPPER.readTree(request);
        if (fromBefore) {
            ObjectNode before = (ObjectNode) said;
            boolean held = before.remove("held").asBoolean();
            before.put("run", before.remove("ran").asBoolean() && !held);
        }
        MigrationOffer offer = StateJson.MAPPER.treeToValue(MigrationOffer.inTodaysWords(said), MigrationOffer.class);
        return there().arrivals()
                .offer(
                        offering,
                        new MigrationOffer(
                                protocol == 0 ? offer.protocol() : protocol,
                                offer.migration(),
                                offer.token(),
                                offer.instance(),
                                offer.owner(),
                                offer.ran(),
                                offer.held(),
                                offer.dryRun(),
                                offer.disks(),
                                offer.spec()));
    }

    private JsonNode offered(Operation operation) {
        while (true) {
            Operation now = there().operations().get(operation.id());
            if (Boolean.TRUE.equals(now.result().get("ready"))) {
                return StateJson.MAPPER.valueToTree(now.result());
            }
            if (now.state().ended()) {
                return ended(now);
            }
            demandAlive();
            LockSupport.parkNanos(200_000);
        }
    }

    private JsonNode received(FrameReader frames) throws IOException {
        Frame first = Objects.requireNonNull(frames.next());
        MigrationClaim claim = claim(first.payload());
        for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
            if (broken == Word.RECEIVE && frame.kind() == Frame.Kind.END) {
                var unused = there().arrivals().drop(NOVA, claim);
                throw unreachable();
            }
            ByteArrayOutputStream one = new ByteArrayOutputStream();
            new FrameWriter(one).write(frame);
            there().arrivals().frames(claim.migration(), claim.token(), one.toByteArray());
        }
        return StateJson.MAPPER.createObjectNode();
    }
}
