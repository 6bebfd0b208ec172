package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real peers with other user ids, on a socket that the file system lets everybody reach. */
@Tag("tools")
class PeerRefusalToolsTest {
    /** Slow to ask, so that a refusal is there before the question. */
    private static final String CLIENT = "import socket,sys,time\n"
            + "s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); time.sleep(0.3)\n"
            + "s.sendall(b'GET /healthz HTTP/1.1\\r\\nHost: b\\r\\nConnection: close\\r\\n\\r\\n')\n"
            + "d=b''\n"
            + "while True:\n"
            + "    c=s.recv(4096)\n"
            + "    if not c: break\n"
            + "    d+=c\n"
            + "print(d.decode())\n";

    @Test
    void onlyRootAndTheControlPlaneAreHeard() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root to become other users");
        try (TestBridge bridge = new TestBridge(PeerRoles.of("0", "61180"))) {
            Files.setPosixFilePermissions(bridge.socket().getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(bridge.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(as("0", bridge.socket())).startsWith("HTTP/1.1 200");
            assertThat(as("61180", bridge.socket())).startsWith("HTTP/1.1 200");
            assertThat(as("61181", bridge.socket())).startsWith("HTTP/1.1 403").contains("may not use the bridge");
            assertThat(as("65534", bridge.socket())).startsWith("HTTP/1.1 403");
        }
    }

    private static String as(String uid, Path socket) throws IOException, InterruptedException {
        Process client = new ProcessBuilder(List.of(
                        "setpriv",
                        "--reuid=" + uid,
                        "--regid=" + uid,
                        "--clear-groups",
                        "/usr/bin/python3",
                        "-c",
                        CLIENT,
                        socket.toString()))
                .redirectErrorStream(true)
                .start();
        try {
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return answer;
        } finally {
            client.destroyForcibly();
        }
    }
}
