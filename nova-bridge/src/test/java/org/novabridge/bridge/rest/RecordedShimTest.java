package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.novabridge.driver.compute.HostEvent;
import org.novabridge.driver.compute.InstanceOwner;
import org.novabridge.driver.compute.InstanceView;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.compute.Problem;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpecReader;

/**
 * Each protocol that is served beside the newest one, in the words of a shim of its time: all its requests are read and
 * answered with what it reads. What operations result in, and the host's facts, are the driver's:
 * {@code RecordedShimEmbedTest} asks a whole bridge.
 */
@Timeout(120)
class RecordedShimTest {
    /** What a whole bridge is asked for: a stand-in's results are what a test has put there. */
    private static final List<String> OF_THE_DRIVER = List.of("result.", "updates.", "memory.");

    private static final InstanceView VIEW = new InstanceView(
            TestBridge.UUID,
            "instance-0000002a",
            "web",
            InstanceOwner.NOVA,
            "qcow2",
            "running",
            1,
            List.of(),
            List.of(),
            null,
            null,
            null,
            null,
            null);

    static List<RecordedShim> older() throws IOException {
        return RecordedShim.served();
    }

    @ParameterizedTest
    @MethodSource("older")
    void everyRequestOfAnOlderShimIsTakenAndAnsweredAsItReadsIt(RecordedShim shim) throws IOException {
        assertThat(shim.requests()).hasSizeGreaterThan(100);
        try (TestBridge bridge = new TestBridge()) {
            bridge.specs = InstanceSpecReader::read;
            bridge.answers.put("list", List.of(VIEW));
            bridge.answers.put("consoleLog", "login:".getBytes(StandardCharsets.US_ASCII));
            for (RecordedShim.Request request : shim.requests()) {
                assertThat(request.headers()).containsEntry(ProtocolFilter.HEADER, Integer.toString(shim.protocol()));
                if (request.path().startsWith("/v1/events")) {
                    followed(bridge, request);
                } else {
                    replayed(bridge, request);
                }
            }
        }
    }

    private static void replayed(TestBridge bridge, RecordedShim.Request request) throws IOException {
        if (request.status() == 404) {
            bridge.answers.remove("state");
        } else {
            bridge.answers.put("state", VIEW);
        }
        if (request.awaits()) {
            bridge.set(TestBridge.operation(
                    bridge.outcome.id(),
                    request.succeeded() ? Operation.State.DONE : Operation.State.FAILED,
                    request.succeeded() ? null : new Problem(ErrorCode.IMAGE_NOT_FOUND, "no such image", "give it")));
        }
        bridge.calls.clear();
        RawHttp.Answer answer = request.replay(
                bridge.socket(), text -> text.replaceFirst("^/v1/operations/op-[0-9]+", "/v1/operations/op-1"));
        List<String> reads = request.reads().stream()
                .filter(read -> OF_THE_DRIVER.stream().noneMatch(read::startsWith))
                .filter(read -> !request.path().equals("/v1/host"))
                .toList();
        with(request, reads).demand(answer);
        if (request.headers().containsKey("Idempotency-Key")) {
            assertThat(bridge.calls)
                    .as("%s reaches the driver, with its key", request)
                    .singleElement()
                    .asString()
                    .contains(Objects.requireNonNull(request.headers().get("Idempotency-Key")));
        }
    }

    private static RecordedShim.Request with(RecordedShim.Request request, List<String> reads) {
        return new RecordedShim.Request(
                request.call(),
                request.method(),
                request.path(),
                request.headers(),
                request.body(),
                request.status(),
                reads);
    }

    /** The shim reads it line by line: an id, a word and JSON, in this order. */
    private static void followed(TestBridge bridge, RecordedShim.Request request) throws IOException {
        try (SocketChannel channel = RawHttp.open(bridge.socket())) {
            RawHttp.write(
                    channel,
                    ("GET " + request.path() + " HTTP/1.1\r\nHost: b\r\n" + request.headerLines() + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(until(channel, "retry: ")).startsWith("HTTP/1.1 200 ");
            bridge.events.tell(
                    new HostEvent(HostEvent.Kind.STOPPED, TestBridge.UUID, Instant.EPOCH, Map.of("message", "x")));
            List<String> lines = until(channel, "}\n")
                    .lines()
                    .filter(line -> line.matches("(id|event|data): .*"))
                    .toList();
            assertThat(lines).hasSize(3);
            assertThat(lines.get(0)).startsWith("id: ");
            assertThat(lines.get(1)).isEqualTo("event: stopped");
            JsonNode data = Json.mapper().readTree(lines.get(2).substring("data: ".length()));
            request.reads().forEach(read -> request.demand(data, read));
        }
    }

    private static String until(SocketChannel channel, String text) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        while (!all.toString(StandardCharsets.UTF_8).contains(text)) {
            assertThat(channel.read(buffer.clear()))
                    .as(all.toString(StandardCharsets.UTF_8))
                    .isPositive();
            all.write(buffer.array(), 0, buffer.position());
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    /** What it does not know it takes from the answer; what it knows it does not look for there. */
    @ParameterizedTest
    @MethodSource("older")
    void aProblemThatAnOlderShimKnowsIsStillTheSameException(RecordedShim shim) {
        Map<String, String> known = shim.problems();
        assertThat(known).hasSizeGreaterThan(40);
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(known.getOrDefault(code.type(), code.novaException()))
                    .as(code.type())
                    .isEqualTo(code.novaException());
        }
    }

    /** The demand itself: a key that is gone, or a request that is refused, does not pass. */
    @Test
    void anAnswerThatLacksWhatIsReadIsNoticed() throws IOException {
        RecordedShim.Request consoles = RecordedShim.served().get(0).requests().stream()
                .filter(one -> one.path().endsWith("/consoles"))
                .findFirst()
                .orElseThrow();
        RawHttp.Answer whole = answer(200, "[{\"type\": \"vnc\", \"port\": 5900}]");
        assertThat(consoles.demand(whole)).hasSize(1);
        for (RawHttp.Answer poorer :
                List.of(answer(200, "[{\"type\": \"vnc\"}]"), answer(200, "{}"), answer(409, whole.body()))) {
            assertThat(catchThrowable(() -> consoles.demand(poorer))).isInstanceOf(AssertionError.class);
        }
    }

    private static RawHttp.Answer answer(int status, String body) {
        return new RawHttp.Answer(status, Map.of("content-type", "application/json"), body);
    }
}
