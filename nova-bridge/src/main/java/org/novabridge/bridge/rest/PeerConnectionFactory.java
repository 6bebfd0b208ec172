package org.novabridge.bridge.rest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.novabridge.driver.compute.Caller;

/**
 * Makes an HTTP connection only for a peer that has a role; the peer is looked at before a byte of
 * what it sent is read. Others get one fixed answer and the end of the connection.
 */
final class PeerConnectionFactory extends HttpConnectionFactory {
    /** Name of the connection's attribute that holds the {@link Caller}. */
    static final String CALLER = Caller.class.getName();

    private final PeerRoles roles;

    PeerConnectionFactory(HttpConfiguration configuration, PeerRoles roles) {
        super(configuration);
        this.roles = roles;
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint) {
        Optional<Caller> caller =
                endPoint.getTransport() instanceof SocketChannel channel ? roles.callerOf(channel) : Optional.empty();
        if (caller.isEmpty()) {
            return new RefusedConnection(endPoint, connector);
        }
        HttpConnection connection = (HttpConnection) super.newConnection(connector, endPoint);
        connection.setAttribute(CALLER, caller.get());
        return connection;
    }

    /**
     * Answers 403 and closes, whatever the peer says. What it says is taken and thrown away for a moment: on a socket
     * closed with bytes unread, the peer meets an error in the middle of its request and never sees the answer.
     */
    private static final class RefusedConnection extends AbstractConnection {
        private static final long PATIENCE_MILLIS = 2_000;
        private static final int MOST_BYTES = 64 << 10;

        private int taken;

        RefusedConnection(EndPoint endPoint, Connector connector) {
            super(endPoint, connector.getExecutor());
        }

        @Override
        public void onOpen() {
            super.onOpen();
            byte[] body = ServerErrors.body(403);
            String head = "HTTP/1.1 403 Forbidden\r\nContent-Type: " + ProblemBody.MEDIA_TYPE + "\r\nContent-Length: "
                    + body.length + "\r\nConnection: close\r\n\r\n";
            getEndPoint().setIdleTimeout(PATIENCE_MILLIS);
            getEndPoint()
                    .write(
                            Callback.from(this::answered, failure -> close()),
                            ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)),
                            ByteBuffer.wrap(body));
        }

        private void answered() {
            getEndPoint().shutdownOutput();
            fillInterested();
        }

        @Override
        public void onFillable() {
            ByteBuffer ignored = BufferUtil.allocate(4096);
            try {
                int read = getEndPoint().fill(ignored);
                while (read > 0 && taken < MOST_BYTES) {
                    taken += read;
                    BufferUtil.clear(ignored);
                    read = getEndPoint().fill(ignored);
                }
                if (read == 0) {
                    fillInterested();
                } else {
                    close();
                }
            } catch (IOException e) {
                close();
            }
        }
    }
}
