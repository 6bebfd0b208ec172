package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.compute.HostEvent;

/** Clients that stay: the bridge tells each what happens, notices when it goes, and needs no thread for it. */
@Timeout(120)
class EventStreamsTest {
    private static final Instant MORNING = Instant.parse("2026-01-01T08:00:00Z");

    private final List<Follower> followers = new ArrayList<>();

    /** Who follows the events, and what was read so far. */
    private static final class Follower {
        private final SocketChannel channel;
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();

        Follower(TestBridge bridge, String query, String headers) throws IOException {
            channel = RawHttp.open(bridge.socket());
            RawHttp.write(
                    channel,
                    ("GET /v1/events" + query + " HTTP/1.1\r\nHost: b\r\n" + headers + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
        }

        /** Reads on until the text has come; false when the bridge has closed the connection before. */
        boolean until(String text) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
            while (!text().contains(text)) {
                if (channel.read(buffer.clear()) < 0) {
                    return false;
                }
                read.write(buffer.array(), 0, buffer.position());
            }
            return true;
        }

        String text() {
            return read.toString(StandardCharsets.UTF_8);
        }
    }

    @AfterEach
    void close() throws IOException {
        for (Follower follower : followers) {
            follower.channel.close();
        }
    }

    /** Returns when the bridge has it among those that it tells. */
    private Follower follow(TestBridge bridge, String query, String headers) throws IOException {
        Follower follower = new Follower(bridge, query, headers);
        followers.add(follower);
        assertThat(follower.until("retry: ")).as(follower.text()).isTrue();
        return follower;
    }

    private static void tell(TestBridge bridge, HostEvent.Kind kind, String message) {
        bridge.events.tell(new HostEvent(kind, TestBridge.UUID, MORNING, Map.of("message", message)));
    }

    @Test
    void anEventHasItsIdItsWordAndItsTime() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            Follower follower = follow(bridge, "", "");
            bridge.events.tell(new HostEvent(HostEvent.Kind.THIN_POOL, "", MORNING, Map.of("pool", "nova/\n\npool")));
            tell(bridge, HostEvent.Kind.STOPPED, "a");
            assertThat(follower.until("\"message\":\"a\"}\n\n")).isTrue();
            assertThat(follower.text())
                    .contains("Content-Type: text/event-stream")
                    .contains("Cache-Control: no-store")
                    .containsPattern("id: \\w+\\.1\nevent: thin-pool\ndata: \\{\"time\":\"2026-01-01T08:00:00Z\","
                            + "\"pool\":\"nova/\\\\n\\\\npool\"\\}\n\n")
                    .containsPattern("id: \\w+\\.2\nevent: stopped\ndata: \\{\"time\":\"2026-01-01T08:00:00Z\","
                            + "\"instance\":\"" + TestBridge.UUID + "\",\"message\":\"a\"\\}\n\n");
        }
    }

    @Test
    void whoComesBackIsToldWhatItHasMissedAndThenWhatComes() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            tell(bridge, HostEvent.Kind.STARTED, "first");
            tell(bridge, HostEvent.Kind.STOPPED, "second");
            String first = bridge.events.since("of another run").events().get(1).id();
            Follower follower = follow(bridge, "", "Last-Event-ID: " + first + "\r\n");
            tell(bridge, HostEvent.Kind.STARTED, "third");
            assertThat(follower.until("third")).isTrue();
            assertThat(follower.text()).containsSubsequence("second", "third").doesNotContain("first", "reset");
            assertThat(follower.text().split("event: ", -1)).hasSize(3);
        }
    }

    @Test
    void whoComesBackAfterARestartIsToldToAskAnew() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            tell(bridge, HostEvent.Kind.STARTED, "first");
            Follower follower = follow(bridge, "?kind=stopped", "Last-Event-ID: abc.17\r\n");
            tell(bridge, HostEvent.Kind.STOPPED, "second");
            assertThat(follower.until("second")).isTrue();
            assertThat(follower.text()).contains("event: reset").doesNotContain("first");
        }
    }

    @Test
    void aKindThatIsNoneIsRefusedAndTheAnswerNamesAll() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            RawHttp.Answer answer = RawHttp.get(bridge.socket(), "/v1/events?kind=stopped&kind=stoped");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("/problems/invalid-request", "started, stopped", "wipe-failed");
        }
    }

    @Test
    void twoHundredListenersLeaveHealthzQuickAndHearEverything() throws Exception {
        try (TestBridge bridge = new TestBridge()) {
            for (int i = 0; i < 200; i++) {
                follow(bridge, "", "");
            }
            assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> assertThat(RawHttp.get(bridge.socket(), "/healthz").status())
                            .isEqualTo(200));
            tell(bridge, HostEvent.Kind.PAUSED, "heard by all");
            for (Follower follower : followers) {
                assertThat(follower.until("heard by all")).isTrue();
            }
        }
    }

    @Test
    void thereAreOnlySoManyAndWhoGoesMakesRoom() throws Exception {
        try (TestBridge bridge = new TestBridge()) {
            for (int i = 0; i < EventStreams.MOST; i++) {
                follow(bridge, "", "");
            }
            RawHttp.Answer refused = RawHttp.get(bridge.socket(), "/v1/events");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isNotEmpty();
            assertThat(refused.body()).contains("/problems/too-many-listeners");
            followers.remove(0).channel.close();
            Follower next = new Follower(bridge, "", "Connection: close\r\n");
            while (!next.until("retry: ")) {
                next.channel.close();
                Thread.sleep(50);
                next = new Follower(bridge, "", "Connection: close\r\n");
            }
            followers.add(next);
        }
    }

    /** What an answer may take to be read counts while something waits, not since the first byte. */
    @Test
    void whoReadsStaysForAsLongAsItWants() throws Exception {
        try (TestBridge bridge = new TestBridge(PeerRoles.of(System.getProperty("user.name"), "nova"), 1_000)) {
            Follower follower = follow(bridge, "", "");
            Thread.sleep(1_500);
            tell(bridge, HostEvent.Kind.PAUSED, "late");
            assertThat(follower.until("late")).isTrue();
            assertThat(follower.text()).contains(": keep-alive\n\n");
        }
    }

    @Test
    void whoDoesNotReadIsCutOff() throws Exception {
        try (TestBridge bridge = new TestBridge(PeerRoles.of(System.getProperty("user.name"), "nova"), 500)) {
            Follower follower = follow(bridge, "", "");
            String large = "x".repeat(64 * 1024);
            for (int i = 0; i < 20; i++) {
                tell(bridge, HostEvent.Kind.PAUSED, large);
            }
            Thread.sleep(1_500);
            assertThat(follower.until("never told")).isFalse();
            assertThat(follower.read.size()).isLessThan(20 * large.length());
        }
    }

    @Test
    void aBridgeThatStopsEndsItsStreams() throws IOException {
        Follower follower;
        try (TestBridge bridge = new TestBridge()) {
            follower = follow(bridge, "", "");
        }
        assertThat(follower.until("never told")).isFalse();
        // On a slow machine it has been kept alive meanwhile.
        assertThat(follower.text().replace(": keep-alive\n\n", "")).endsWith("retry: 3000\n\n");
    }
}
