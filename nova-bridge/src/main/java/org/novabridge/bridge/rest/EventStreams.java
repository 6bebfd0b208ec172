package org.novabridge.bridge.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.glassfish.jersey.server.ChunkedOutput;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.EventFeed;
import org.novabridge.driver.compute.EventFeed.Told;
import org.novabridge.driver.compute.HostEvent;
import org.novabridge.driver.compute.Subscription;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clients that follow the events (server-sent events, WHATWG HTML 9.2). One thread writes to all of them, and never waits for
 * one: what it writes is taken by {@link AnswerQueue}, which cuts off who does not read. A client costs an entry here.
 */
final class EventStreams implements AutoCloseable {
    static final int MOST = 256;

    /** Half of what Jetty and most clients take for silence. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(EventStreams.class);
    private static final byte[] OPENING = bytes("retry: 3000\n\n");
    private static final byte[] ALIVE = bytes(": keep-alive\n\n");
    private static final long CLOSE_SECONDS = 2;

    private final EventFeed feed;
    private final Semaphore room = new Semaphore(MOST);
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "event-streams");
        thread.setDaemon(true);
        return thread;
    });
    private final Subscription subscription;

    /** The writer's own. */
    private final List<Stream> open = new ArrayList<>();

    EventStreams(EventFeed feed) {
        this(feed, KEEP_ALIVE);
    }

    EventStreams(EventFeed feed, Duration keepAlive) {
        this.feed = feed;
        this.subscription = feed.follow(told -> later(() -> send(told)));
        var unused = writer.scheduleWithFixedDelay(
                () -> List.copyOf(open).forEach(stream -> stream.write(ALIVE)),
                keepAlive.toMillis(),
                keepAlive.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** A client; {@code upTo} is the number of the last event it was sent or did not want. */
    private final class Stream {
        private final ChunkedOutput<byte[]> output = new ChunkedOutput<>(byte[].class);
        private final Set<HostEvent.Kind> kinds;
        private long upTo;
        private boolean over;

        Stream(Set<HostEvent.Kind> kinds) {
            this.kinds = kinds;
        }

        void begin(@Nullable String lastId) {
            // Before the client sees that its stream is open: what happens from then on it is told.
            EventFeed.Missed missed = feed.since(lastId);
            write(OPENING);
            missed.events().forEach(this::tell);
            upTo = missed.upTo();
            if (!over) {
                open.add(this);
            }
        }

        void tell(Told told) {
            HostEvent.Kind kind = told.event().kind();
            if (kinds.isEmpty() || kind == HostEvent.Kind.RESET || kinds.contains(kind)) {
                write(text(told));
            }
        }

        void write(byte[] chunk) {
            try {
                if (!over) {
                    output.write(chunk);
                }
            } catch (IOException | RuntimeException e) {
                LOG.debug("a client that followed the events has gone", e);
                end();
            }
        }

        void end() {
            if (over) {
                return;
            }
            over = true;
            open.remove(this);
            room.release();
            try {
                output.close();
            } catch (IOException | RuntimeException e) {
                LOG.debug("a client had gone before its events ended", e);
            }
        }
    }

    /**
     * Begins to send events to a client.
     *
     * @param lastId of the last event it has seen; null for a new one
     * @param kinds that it wants, and RESET; all when empty
     * @param whenGone takes what is to be done when the client has gone
     * @throws BridgeException TOO_MANY_LISTENERS
     */
    ChunkedOutput<byte[]> open(@Nullable String lastId, Set<HostEvent.Kind> kinds, Consumer<Runnable> whenGone) {
        if (!room.tryAcquire()) {
            throw new BridgeException(
                    ErrorCode.TOO_MANY_LISTENERS,
                    MOST + " clients follow the events of the bridge, and it takes no more",
                    "end those that are not needed");
        }
        Stream stream = new Stream(kinds);
        later(() -> stream.begin(lastId));
        whenGone.accept(() -> later(stream::end));
        return stream.output;
    }

    private void send(Told told) {
        for (Stream stream : List.copyOf(open)) {
            if (told.number() > stream.upTo) {
                stream.tell(told);
            }
        }
    }

    private void later(Runnable work) {
        try {
            writer.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("the bridge stops, so nobody is told any more");
        }
    }

    private static byte[] text(Told told) {
        HostEvent event = told.event();
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("time", event.at());
        if (!event.instance().isEmpty()) {
            data.put("instance", event.instance());
        }
        data.putAll(event.detail());
        try {
            return bytes("id: " + told.id() + "\nevent: " + event.kind().word() + "\ndata: "
                    + Json.mapper().writeValueAsString(data) + "\n\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an event that cannot be written as JSON: " + event.kind(), e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Ends all streams, so that the server need not wait for them. */
    @Override
    public void close() {
        subscription.close();
        later(() -> List.copyOf(open).forEach(Stream::end));
        writer.shutdown();
        try {
            if (!writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
