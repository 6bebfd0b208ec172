package org.novabridge.driver.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.NativeLong;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the service is doing (sd_notify(3)): one datagram to the socket that systemd names
 * in {@code NOTIFY_SOCKET}. Without that variable every message is a no-op; a message that cannot be
 * sent is logged and nothing more.
 */
public final class SystemdNotifier {
    private static final Logger LOG = LoggerFactory.getLogger(SystemdNotifier.class);
    private static final int LONGEST_ADDRESS = 107;

    private final Optional<String> address;

    /**
     * @param notifySocket the value of NOTIFY_SOCKET: an absolute path, or {@code @name} for an abstract address
     */
    public SystemdNotifier(Optional<String> notifySocket) {
        address = notifySocket.filter(text -> (text.startsWith("/") || text.startsWith("@"))
                && text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_ADDRESS);
        if (notifySocket.isPresent() && address.isEmpty()) {
            LOG.warn("NOTIFY_SOCKET is not an address of a UNIX socket; systemd is not told anything");
        }
    }

    /** The service answers requests. */
    public void ready(String status) {
        send("READY=1\nSTATUS=" + oneLine(status));
    }

    /** The configuration is being read again; {@link #ready} follows. */
    public void reloading() {
        send("RELOADING=1");
    }

    public void stopping() {
        send("STOPPING=1");
    }

    /** A line for {@code systemctl status}. */
    public void status(String status) {
        send("STATUS=" + oneLine(status));
    }

    public void watchdog() {
        send("WATCHDOG=1");
    }

    /** A newline would begin another assignment. */
    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    private void send(String message) {
        if (address.isEmpty()) {
            return;
        }
        byte[] name = address.get().getBytes(StandardCharsets.UTF_8);
        if (name[0] == '@') {
            name[0] = 0;
        }
        byte[] socketAddress = ByteBuffer.allocate(2 + name.length)
                .order(ByteOrder.nativeOrder())
                .putShort((short) LinuxCalls.AF_UNIX)
                .put(name)
                .array();
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        try {
            int socket = LinuxCalls.LIBC.socket(LinuxCalls.AF_UNIX, LinuxCalls.SOCK_DGRAM_CLOEXEC, 0);
            try {
                LinuxCalls.LIBC.sendto(
                        socket, bytes, new NativeLong(bytes.length), 0, socketAddress, socketAddress.length);
            } finally {
                LinuxCalls.LIBC.close(socket);
            }
        } catch (LastErrorException e) {
            LOG.warn("systemd was not told: {}", e.getMessage());
        }
    }
}
