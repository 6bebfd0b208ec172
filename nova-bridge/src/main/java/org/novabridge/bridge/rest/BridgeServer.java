package org.novabridge.bridge.rest;

import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.EagerContentHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.glassfish.jersey.jetty.JettyHttpContainer;
import org.glassfish.jersey.server.ContainerFactory;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP/1.1 on a UNIX socket: Jetty in front of Jersey. What a peer can hold is bounded: a body is
 * taken whole, up to {@link #MAX_BODY}, before a thread works on it; an answer waits for its reader
 * without a thread and not for ever ({@link AnswerQueue}); silence ends a connection; and there are at most {@link #MAX_CONNECTIONS} of them.
 */
public final class BridgeServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BridgeServer.class);

    /** A spec with its network information has some ten kilobytes. */
    static final int MAX_BODY = 2 * 1024 * 1024;

    static final int MAX_CONNECTIONS = 1024;
    private static final int MAX_HEADERS = 16 * 1024;
    private static final int THREADS = 16;
    private static final int THREAD_IDLE_MILLIS = 60_000;
    private static final long IDLE_MILLIS = 30_000;
    private static final long ANSWER_MILLIS = 120_000;
    private static final long STOP_MILLIS = 2_000;
    /** How long a stop waits for a request on a connection that has none; the shim keeps some. */
    private static final long STOP_IDLE_MILLIS = 100;

    private final SocketPlace place;
    private final BridgeApplication application;
    private final Server server;

    /**
     * @param socket path of the socket; see {@code [nova_bridge]socket}
     * @param group group that may use it, when there is such a group
     */
    public BridgeServer(Path socket, String group, PeerRoles roles, BridgeApplication application) {
        this(socket, group, roles, application, ANSWER_MILLIS);
    }

    BridgeServer(Path socket, String group, PeerRoles roles, BridgeApplication application, long answerMillis) {
        this.place = new SocketPlace(socket, group);
        this.application = application;
        // Jetty's own queue asks JMX for the size of a pointer, and JMX costs a tenth of a start.
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 4, THREAD_IDLE_MILLIS, new LinkedBlockingQueue<>());
        threads.setName("http");
        this.server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(MAX_HEADERS);
        UnixDomainServerConnector connector =
                new UnixDomainServerConnector(server, 1, 1, new PeerConnectionFactory(http, roles));
        connector.setUnixDomainPath(place.path());
        connector.setAcceptQueueSize(256);
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.setShutdownIdleTimeout(STOP_IDLE_MILLIS);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, server));
        server.setErrorHandler(new ServerErrors());
        server.setStopTimeout(STOP_MILLIS);
        EagerContentHandler body =
                new EagerContentHandler(new EagerContentHandler.RetainedContentLoaderFactory(MAX_BODY, 0, true));
        Handler answers =
                new AnswerQueue(ContainerFactory.createContainer(JettyHttpContainer.class, application), answerMillis);
        body.setHandler(new Waiting(answers));
        server.setHandler(body);
    }

    /**
     * Listens.
     *
     * @throws BridgeException INVALID_CONFIGURATION when the socket cannot be used
     */
    public void start() {
        if (!application.complete()) {
            throw new IllegalStateException("nothing is there yet that requests could be answered from");
        }
        place.prepare();
        try {
            server.start();
        } catch (Exception e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "cannot listen on " + place.path() + ": " + e.getMessage(),
                    "check [nova_bridge]socket and its folder",
                    e);
        }
        place.open();
    }

    /** The absolute path of the socket. */
    public Path socket() {
        return place.path();
    }

    /** Stops listening and removes the socket; requests that are being answered get a short while. */
    @Override
    public void close() {
        application.endStreams();
        try {
            server.stop();
        } catch (Exception e) {
            // Clients still wait for an operation; the next start settles it, and the stop itself succeeds.
            LOG.warn("requests that still waited were cut off: {}", e.toString());
        }
    }

    /** A request that is waiting for an operation is not idle, though nothing moves on its connection. */
    private static final class Waiting extends Handler.Wrapper {
        Waiting(Handler next) {
            super(next);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            request.addIdleTimeoutListener(timeout -> false);
            return super.handle(request, response, callback);
        }
    }
}
