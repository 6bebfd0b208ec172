package org.novabridge.driver.compute;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.hypervisor.GuestEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's events as Nova wants them: what a running operation of ours causes is not told, and a
 * stop is told 15 s late unless another event follows (nova/virt/libvirt/host.py 26.2.2,
 * {@code _event_emit_delayed}), because a reboot looks like a stop first and Nova would then stop the
 * instance for good. Events of all guests are told one after the other, so that a start that arrives
 * while a stop is being told comes after it.
 */
final class EventRelay {
    private static final Logger LOG = LoggerFactory.getLogger(EventRelay.class);
    private static final String STOPPED = "stopped";

    private final Predicate<String> busy;
    private final Duration stopDelay;
    private final Timers.Later later;
    private final List<Consumer<InstanceEvent>> listeners = new CopyOnWriteArrayList<>();
    /** The stop of each guest that is not told yet; only the one that stands here when its time comes is. */
    private final Map<String, InstanceEvent> stops = new HashMap<>();

    /** @param busy true while an operation that somebody asked for works on the instance */
    EventRelay(Predicate<String> busy, Duration stopDelay, Timers.Later later) {
        this.busy = busy;
        this.stopDelay = stopDelay;
        this.later = later;
    }

    Subscription subscribe(Consumer<InstanceEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Something about the host, not about one of its guests. */
    synchronized void ofHost(String kind, Instant at) {
        tell(new InstanceEvent("", kind, at));
    }

    /** An alarm of ours about a guest. */
    synchronized void ofGuest(String uuid, String kind, Instant at) {
        tell(new InstanceEvent(uuid, kind, at));
    }

    synchronized void accept(GuestEvent event) {
        String kind = kind(event.kind());
        if (kind == null) {
            return;
        }
        InstanceEvent told = new InstanceEvent(event.uuid(), kind, event.at());
        if (event.kind() == GuestEvent.Kind.RESYNC) {
            tell(told);
            return;
        }
        InstanceEvent before = stops.remove(event.uuid());
        if (busy.test(event.uuid())) {
            return;
        }
        if (!kind.equals(STOPPED)) {
            tell(told);
            return;
        }
        // A crash and the end of its process are one stop.
        InstanceEvent stop = before == null ? told : new InstanceEvent(event.uuid(), kind, before.at());
        stops.put(event.uuid(), stop);
        later.run(stopDelay, () -> due(stop));
    }

    /** A stop that an operation is in the way of waits on: the operation may be the reboot that explains it. */
    @SuppressWarnings("ReferenceEquality") // an equal stop may be a later one
    private synchronized void due(InstanceEvent stop) {
        if (stops.get(stop.instance()) != stop) {
            return;
        }
        if (busy.test(stop.instance())) {
            later.run(stopDelay, () -> due(stop));
            return;
        }
        stops.remove(stop.instance());
        tell(stop);
    }

    private void tell(InstanceEvent event) {
        for (Consumer<InstanceEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.warn("a listener of events failed", e);
            }
        }
    }

    private static @Nullable String kind(GuestEvent.Kind kind) {
        return switch (kind) {
            case STARTED, STOPPED, PAUSED, RESUMED, SUSPENDED, RESYNC -> Words.lower(kind);
            // Nova has no event of its own for a crash: the guest is down.
            case CRASHED -> STOPPED;
            default -> null;
        };
    }
}
