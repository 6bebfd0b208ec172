package org.novabridge.bridge.rest;

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

    /** Answers 403 and closes, whatever the peer says. */
    private static final class RefusedConnection extends AbstractConnection {
        RefusedConnection(EndPoint endPoint, Connector connector) {
            super(endPoint, connector.getExecutor());
        }

        @Override
        public void onOpen() {
            super.onOpen();
            byte[] body = ServerErrors.body(403);
            String head = "HTTP/1.1 403 Forbidden\r\nContent-Type: " + ProblemBody.MEDIA_TYPE + "\r\nContent-Length: "
                    + body.length + "\r\nConnection: close\r\n\r\n";
            getEndPoint()
                    .write(
                            Callback.from(this::close),
                            ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)),
                            ByteBuffer.wrap(body));
        }

        @Override
        public void onFillable() {
            close();
        }
    }
}
