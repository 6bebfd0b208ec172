package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.compute.Operation;
import org.novabridge.driver.model.BridgeException;

class BridgeServerTest {

    @Test
    void answersWithoutNamingItsSoftware() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            RawHttp.Answer answer = RawHttp.get(bridge.socket(), "/healthz");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).startsWith("{\"status\":\"ok\"");
            assertThat(answer.headers()).doesNotContainKeys("server", "x-powered-by");
        }
    }

    @Test
    void nobodyIsLetInBeforeThereAreAnswers(@TempDir Path folder) {
        try (BridgeApplication application = new BridgeApplication(json -> {
                    throw new AssertionError("no spec was sent");
                });
                BridgeServer server =
                        new BridgeServer(folder.resolve("s"), "nova", PeerRoles.standard(), application)) {
            assertThatThrownBy(server::start).isInstanceOf(IllegalStateException.class);
            assertThat(folder.resolve("s")).doesNotExist();
        }
    }

    @Test
    void theSocketIsForItsOwnerAndGroupAndGoesAwayAtTheEnd() throws IOException {
        Path socket;
        try (TestBridge bridge = new TestBridge()) {
            socket = bridge.socket();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-rw----");
        }
        assertThat(socket).doesNotExist();
    }

    @Test
    void oneConnectionServesManyRequestsUntilAStopEndsIt() throws IOException {
        try (TestBridge bridge = new TestBridge();
                SocketChannel channel = RawHttp.open(bridge.socket())) {
            ByteBuffer received = ByteBuffer.allocate(4096);
            for (int i = 0; i < 3; i++) {
                RawHttp.write(channel, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                received.clear();
                String answer = "";
                while (!answer.endsWith("\r\n0\r\n\r\n")) {
                    assertThat(channel.read(received)).isPositive();
                    answer = new String(received.array(), 0, received.position(), StandardCharsets.US_ASCII);
                }
                assertThat(answer).startsWith("HTTP/1.1 200 ").doesNotContainIgnoringCase("connection: close");
            }
            bridge.close();
            assertThat(channel.read(ByteBuffer.allocate(16))).isNegative();
        }
    }

    @Test
    void aPeerWithoutARoleIsRefusedWhateverItSends() throws IOException {
        try (TestBridge bridge = new TestBridge(PeerRoles.of("4000000", "4000001"))) {
            try (SocketChannel channel = RawHttp.open(bridge.socket())) {
                // Nothing was sent yet: the answer cannot have come from parsing.
                RawHttp.Answer answer = RawHttp.read(channel);
                assertThat(answer.status()).isEqualTo(403);
                assertThat(answer.body()).contains("/problems/forbidden", "may not use the bridge");
            }
            assertThat(bridge.calls).isEmpty();
        }
    }

    @Test
    void thePeerOfTheControlPlaneHasItsRole() throws IOException {
        try (TestBridge bridge = new TestBridge(PeerRoles.of("4000000", System.getProperty("user.name")))) {
            assertThat(RawHttp.send(bridge.socket(), "DELETE", "/v1/instances/" + TestBridge.UUID, "", null)
                            .status())
                    .isEqualTo(202);
            assertThat(bridge.calls).containsExactly("delete(NOVA, " + TestBridge.UUID + ", key=null)");
        }
    }

    @Test
    void aSocketLeftByAKilledBridgeIsReplaced(@TempDir Path folder) throws IOException {
        Path socket = folder.resolve("s");
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();
        SocketPlace place = new SocketPlace(socket, "nova");
        place.prepare();
        assertThat(socket).doesNotExist();
    }

    @Test
    void aSocketInUseIsNotTaken(@TempDir Path folder) throws IOException {
        Path socket = folder.resolve("s");
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            assertThatThrownBy(() -> new SocketPlace(socket, "nova").prepare())
                    .isInstanceOf(BridgeException.class)
                    .hasMessageContaining("another process listens on " + socket);
        }
    }

    @Test
    void aFileThatIsNoSocketIsNeverRemoved(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("s"), "precious");
        assertThatThrownBy(() -> new SocketPlace(file, "nova").prepare()).hasMessageContaining("no socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aFolderInWhichAnybodyMayReplaceTheSocketIsRefused(@TempDir Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> new SocketPlace(folder.resolve("s"), "nova").prepare())
                .hasMessageContaining("everybody may write");
    }

    @Test
    void aMissingFolderIsMadeForOwnerAndGroupOnly(@TempDir Path folder) throws IOException {
        new SocketPlace(folder.resolve("run/s"), "nova").prepare();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("run"))))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void aPathTooLongForASocketIsNamedWithItsLimit(@TempDir Path folder) {
        Path socket = folder.resolve("x".repeat(110));
        assertThatThrownBy(() -> new SocketPlace(socket, "nova"))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("may have 107")
                .hasMessageContaining("[nova_bridge]socket");
    }

    @Test
    void twoHundredWaitersLeaveHealthzQuick() throws Exception {
        try (TestBridge bridge = new TestBridge()) {
            bridge.set(TestBridge.operation("slow", Operation.State.RUNNING, null));
            List<SocketChannel> waiters = new ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    SocketChannel waiter = RawHttp.open(bridge.socket());
                    waiters.add(waiter);
                    RawHttp.write(
                            waiter,
                            "GET /v1/operations/slow?wait=60 HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                }
                // Far below the sixty seconds that any thread held by a waiter would cost.
                org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(20),
                        () -> assertThat(
                                        RawHttp.get(bridge.socket(), "/healthz").status())
                                .isEqualTo(200));
                long threads = Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith("http"))
                        .count();
                assertThat(threads).isLessThanOrEqualTo(16);
                bridge.set(TestBridge.operation("slow", Operation.State.DONE, null));
                for (SocketChannel waiter : waiters) {
                    assertThat(RawHttp.read(waiter).body()).contains("\"state\":\"done\"");
                }
            } finally {
                for (SocketChannel waiter : waiters) {
                    waiter.close();
                }
            }
        }
    }

    @Test
    void clientsThatSendTheirBodySlowlyHoldNoThread() throws IOException {
        try (TestBridge bridge = new TestBridge()) {
            List<SocketChannel> slow = new ArrayList<>();
            try {
                for (int i = 0; i < 40; i++) {
                    SocketChannel client = RawHttp.open(bridge.socket());
                    slow.add(client);
                    RawHttp.write(
                            client,
                            ("POST /v1/instances HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\n"
                                            + "Content-Length: 1000\r\n\r\n{")
                                    .getBytes(StandardCharsets.US_ASCII));
                }
                org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(20),
                        () -> assertThat(
                                        RawHttp.get(bridge.socket(), "/healthz").status())
                                .isEqualTo(200));
            } finally {
                for (SocketChannel client : slow) {
                    client.close();
                }
            }
        }
    }
}
