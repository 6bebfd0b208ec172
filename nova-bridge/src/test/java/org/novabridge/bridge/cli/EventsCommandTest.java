package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.bridge.rest.Json;
import org.novabridge.bridge.rest.TestBridge;
import org.novabridge.driver.compute.HostEvent;

@Timeout(120)
class EventsCommandTest {
    private static final Instant MORNING = Instant.parse("2026-01-01T08:00:00.123Z");

    private final StringWriter err = new StringWriter();
    private TestBridge bridge;

    /** A reader that goes away after some lines, as {@code head} does. */
    private static final class Head extends Writer {
        private final StringBuffer text = new StringBuffer();
        private final int lines;

        Head(int lines) {
            this.lines = lines;
        }

        @Override
        public void write(char[] characters, int from, int length) throws IOException {
            if (text.chars().filter(c -> c == '\n').count() >= lines) {
                throw new IOException("nobody reads");
            }
            text.append(characters, from, length);
        }

        @Override
        public void flush() throws IOException {
            write(new char[0], 0, 0);
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    void start() throws IOException {
        bridge = new TestBridge();
    }

    @AfterEach
    void stop() {
        bridge.close();
    }

    private void tell(HostEvent.Kind kind, String instance, Map<String, Object> detail) {
        bridge.events.tell(new HostEvent(kind, instance, MORNING, detail));
    }

    /** Tells again and again: nobody knows when the command listens. */
    private List<String> follow(int lines, Runnable telling, String... args) throws Exception {
        Head out = new Head(lines);
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> Typed.run(bridge, out, err, args));
        while (!exit.isDone()) {
            telling.run();
            Thread.sleep(50);
        }
        assertThat(exit.get(60, TimeUnit.SECONDS)).as(err.toString()).isZero();
        return new ArrayList<>(out.text.toString().lines().toList());
    }

    @Test
    void eachEventIsALine() throws Exception {
        List<String> lines = follow(
                3,
                () -> {
                    tell(HostEvent.Kind.STOPPED, TestBridge.UUID, Map.of());
                    tell(HostEvent.Kind.THIN_POOL, "", Map.of("message", "the data is\u001b full"));
                },
                "events");
        assertThat(lines.get(0)).startsWith("TIME").contains("KIND", "INSTANCE", "WHAT");
        assertThat(lines.subList(1, 3))
                .anyMatch(line -> line.startsWith("2026-01-01T08:00:00Z  stopped") && line.contains(TestBridge.UUID))
                .anyMatch(line -> line.contains("thin-pool") && line.endsWith("the data is? full"));
    }

    @Test
    void asJsonEachLineIsAnObject() throws Exception {
        List<String> lines = follow(
                2,
                () -> {
                    tell(HostEvent.Kind.STOPPED, TestBridge.UUID, Map.of());
                    tell(HostEvent.Kind.WIPE_FAILED, "", Map.of("volume", "nb-wipe-1"));
                },
                "events",
                "--output",
                "json",
                "--kind",
                "wipe-failed");
        assertThat(lines).hasSize(2).allSatisfy(line -> {
            var event = Json.mapper().readTree(line);
            assertThat(event.path("id").asText()).matches("\\w+\\.\\d+");
            assertThat(event.path("kind").asText()).isEqualTo("wipe-failed");
            assertThat(event.path("time").asText()).isEqualTo(MORNING.toString());
            assertThat(event.path("volume").asText()).isEqualTo("nb-wipe-1");
        });
    }

    @Test
    void aKindThatIsNoneIsWrongUsage() {
        assertThat(Typed.run(bridge, new StringWriter(), err, "events", "--kind", "explosion"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("explosion", "out-of-space");
    }

    @Test
    void withoutABridgeItSaysSo() {
        assertThat(Typed.run(bridge, new StringWriter(), err, "events", "--socket", "/nowhere/s"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("no bridge");
    }
}
