package org.novabridge.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 20, unit = TimeUnit.SECONDS)
class SystemdNotifierTest {

    /** The receiving side, which only a test needs. */
    interface Receiver extends Library {
        Receiver LIBC = Native.load("c", Receiver.class);

        int bind(int socket, byte[] address, int length);

        NativeLong recv(int socket, byte[] buffer, NativeLong length, int flags);
    }

    @Test
    void messagesArriveAtAPathAndAtAnAbstractName(@TempDir Path folder) {
        Path path = folder.resolve("notify");
        assertThat(receive(path.toString(), path.toString())).isEqualTo("READY=1\nSTATUS=two  lines");
        String name = "nova-bridge-test-" + ProcessHandle.current().pid();
        assertThat(receive("@" + name, "\0" + name)).isEqualTo("READY=1\nSTATUS=two  lines");
    }

    @Test
    void withoutASocketNothingHappens() {
        new SystemdNotifier(Optional.empty()).stopping();
        new SystemdNotifier(Optional.of("vsock:2:1234")).watchdog();
        new SystemdNotifier(Optional.of("/nonexistent/notify")).status("nobody listens");
    }

    private static String receive(String notifySocket, String sunPath) {
        int socket = LinuxCalls.LIBC.socket(LinuxCalls.AF_UNIX, LinuxCalls.SOCK_DGRAM_CLOEXEC, 0);
        try {
            byte[] name = sunPath.getBytes(StandardCharsets.UTF_8);
            byte[] address = ByteBuffer.allocate(2 + name.length)
                    .order(ByteOrder.nativeOrder())
                    .putShort((short) LinuxCalls.AF_UNIX)
                    .put(name)
                    .array();
            assertThat(Receiver.LIBC.bind(socket, address, address.length)).isZero();
            new SystemdNotifier(Optional.of(notifySocket)).ready("two\n lines");
            byte[] buffer = new byte[1000];
            int size = Receiver.LIBC
                    .recv(socket, buffer, new NativeLong(buffer.length), 0)
                    .intValue();
            return new String(buffer, 0, size, StandardCharsets.UTF_8);
        } finally {
            LinuxCalls.LIBC.close(socket);
        }
    }
}
