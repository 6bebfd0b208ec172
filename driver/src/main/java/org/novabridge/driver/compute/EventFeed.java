package org.novabridge.driver.compute;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of this host in one order, numbered from the start of this bridge, with the last of them kept for who was away
 * for a while. Safe for use by many threads.
 */
public final class EventFeed {
    /** Some hours of a busy host, and a few hundred kilobytes. */
    static final int KEPT = 2000;

    private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);

    private final Clock clock;
    private final int most;
    private final String run;
    private final Deque<Told> kept = new ArrayDeque<>();
    private final List<Consumer<Told>> listeners = new CopyOnWriteArrayList<>();
    private long last;

    /**
     * An event in its place.
     *
     * @param run of the bridge that told it; another run counts from one again
     * @param number one more than that of the event before
     */
    public record Told(String run, long number, HostEvent event) {
        /** What a client names when it comes back ({@code Last-Event-ID}). */
        public String id() {
            return run + "." + number;
        }
    }

    /**
     * What somebody has missed.
     *
     * @param events oldest first; when some are not kept any more, a RESET is the first of them
     * @param upTo number of the newest event there was
     */
    public record Missed(List<Told> events, long upTo) {
        public Missed {
            events = List.copyOf(events);
        }
    }

    public EventFeed(Clock clock) {
        this(clock, KEPT);
    }

    /** @param most how many events are kept */
    EventFeed(Clock clock, int most) {
        this.clock = clock;
        this.most = most;
        this.run = Long.toString(clock.millis(), Character.MAX_RADIX);
    }

    /** Tells an event to all who listen. */
    public synchronized void tell(HostEvent event) {
        last++;
        Told told = new Told(run, last, event);
        kept.addLast(told);
        if (kept.size() > most) {
            kept.removeFirst();
        }
        for (Consumer<Told> listener : listeners) {
            try {
                listener.accept(told);
            } catch (RuntimeException e) {
                LOG.warn("a listener of events failed", e);
            }
        }
    }

    /** Follows what comes; the listener is called on the thread of who tells, in order, and must return at once. */
    public Subscription follow(Consumer<Told> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /**
     * What came after an event.
     *
     * @param lastId of the last event that was seen; null for who has seen none and wants only what comes
     */
    public synchronized Missed since(@Nullable String lastId) {
        if (lastId == null) {
            return new Missed(List.of(), last);
        }
        long seen = number(lastId);
        long oldest = kept.isEmpty() ? last + 1 : kept.getFirst().number();
        if (seen + 1 >= oldest) {
            return new Missed(kept.stream().filter(told -> told.number() > seen).toList(), last);
        }
        Deque<Told> events = new ArrayDeque<>(kept);
        events.addFirst(new Told(run, oldest - 1, new HostEvent(HostEvent.Kind.RESET, "", clock.instant(), Map.of())));
        return new Missed(List.copyOf(events), last);
    }

    /** Far before the first for an id of another run, or of none. */
    private long number(String id) {
        String prefix = run + ".";
        if (id.startsWith(prefix)) {
            try {
                long number = Long.parseLong(id.substring(prefix.length()));
                if (number >= 0 && number <= last) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // nobody was told such an id
            }
        }
        return Long.MIN_VALUE;
    }
}
