package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Clients that ask and do not read, or go away: 8 threads answer, 16 threads serve, and none of them may be held. */
class AnswerQueueTest {
    private static final int BIG = 4 * 1024 * 1024;
    private static final String CONSOLE = "/v1/instances/" + TestBridge.UUID + "/console";

    private final List<SocketChannel> clients = new ArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    @BeforeEach
    void listen() {
        log.start();
        root().addAppender(log);
    }

    @AfterEach
    void close() throws IOException {
        root().detachAppender(log);
        goAway();
    }

    private SocketChannel ask(TestBridge bridge) throws IOException {
        SocketChannel client = RawHttp.open(bridge.socket());
        clients.add(client);
        RawHttp.write(
                client,
                ("GET " + CONSOLE + " HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    private static TestBridge bridge(long answerMillis) throws IOException {
        TestBridge bridge = new TestBridge(PeerRoles.of(System.getProperty("user.name"), "nova"), answerMillis);
        byte[] console = new byte[BIG];
        java.util.Arrays.fill(console, (byte) 'x');
        bridge.answers.put("consoleLog", console);
        bridge.answers.put("list", List.of());
        return bridge;
    }

    private static void quick(TestBridge bridge, String path) {
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThat(RawHttp.get(bridge.socket(), path).status()).isEqualTo(200));
    }

    @Test
    void clientsThatDoNotReadHoldNoThreadAndTheirAnswerIsWhole() throws IOException {
        try (TestBridge bridge = bridge(60_000)) {
            for (int i = 0; i < 12; i++) {
                ask(bridge);
            }
            quick(bridge, "/v1/instances");
            quick(bridge, "/healthz");
            for (SocketChannel client : clients) {
                assertThat(RawHttp.read(client).body()).hasSize(BIG);
            }
            assertThat(errors()).isEmpty();
        }
    }

    @Test
    void whoDoesNotReadInTimeIsCutOff() throws Exception {
        try (TestBridge bridge = bridge(500)) {
            SocketChannel client = ask(bridge);
            until("was not read in time");
            assertThat(cutOff(client)).isTrue();
            quick(bridge, "/v1/instances");
        }
    }

    @Test
    void moreThanTheMemoryForItIsNotKept() throws Exception {
        try (TestBridge bridge = bridge(60_000)) {
            for (int i = 0; i < AnswerQueue.MAX_WAITING / BIG + 4; i++) {
                ask(bridge);
            }
            until("found no room");
            goAway();
            quick(bridge, "/v1/instances");
            allRoomComesBack(bridge);
        }
    }

    /** As many as fit can ask again, as soon as the server has seen that the others have gone. */
    private void allRoomComesBack(TestBridge bridge) throws Exception {
        for (int i = 0; i < 100; i++) {
            if (askedByAsManyAsFit(bridge)) {
                return;
            }
            goAway();
            Thread.sleep(100);
        }
        assertThat(askedByAsManyAsFit(bridge)).isTrue();
    }

    private boolean askedByAsManyAsFit(TestBridge bridge) throws IOException {
        for (int i = 0; i < AnswerQueue.MAX_WAITING / BIG - 2; i++) {
            ask(bridge);
        }
        boolean whole = true;
        for (SocketChannel client : clients) {
            whole &= !cutOff(client);
        }
        return whole;
    }

    private void goAway() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        clients.clear();
    }

    @Test
    void aClientThatGoesAwayIsNoErrorInTheLog() throws Exception {
        try (TestBridge bridge = bridge(60_000)) {
            for (int i = 0; i < 20; i++) {
                ask(bridge).close();
            }
            quick(bridge, CONSOLE);
            assertThat(errors()).isEmpty();
        }
    }

    private List<String> errors() {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private void until(String text) throws InterruptedException {
        for (int i = 0; i < 100 && errors().stream().noneMatch(line -> line.contains(text)); i++) {
            Thread.sleep(100);
        }
        assertThat(errors()).anyMatch(line -> line.contains(text));
    }

    private static boolean cutOff(SocketChannel client) {
        try {
            return RawHttp.read(client).body().length() < BIG;
        } catch (IOException reset) {
            return true;
        }
    }
}
