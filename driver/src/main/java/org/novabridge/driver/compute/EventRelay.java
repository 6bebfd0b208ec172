package org.novabridge.driver.compute;

import java.time.Duration;
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

    private final Predicate<String> busy;
    private final Duration stopDelay;
    private final Timers.Later later;
    private final List<Consumer<HostEvent>> listeners = new CopyOnWriteArrayList<>();
    /** The stop of each guest that is not told yet; only the one that stands here when its time comes is. */
    private final Map<String, HostEvent> stops = new HashMap<>();

    /** @param busy true while an operation that somebody asked for works on the instance */
    EventRelay(Predicate<String> busy, Duration stopDelay, Timers.Later later) {
        this.busy = busy;
        this.stopDelay = stopDelay;
        this.later = later;
    }

    Subscription subscribe(Consumer<HostEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    synchronized void accept(GuestEvent event) {
        HostEvent.Kind kind = kind(event.kind());
        if (kind == null) {
            return;
        }
        HostEvent told = HostEvent.ofGuest(kind, event.uuid(), event.at());
        if (event.kind() == GuestEvent.Kind.RESYNC) {
            tell(told);
            return;
        }
        HostEvent before = stops.remove(event.uuid());
        if (busy.test(event.uuid())) {
            return;
        }
        if (kind != HostEvent.Kind.STOPPED) {
            tell(told);
            return;
        }
        // A crash and the end of its process are one stop.
        HostEvent stop = before == null ? told : HostEvent.ofGuest(kind, event.uuid(), before.at());
        stops.put(event.uuid(), stop);
        later.run(stopDelay, () -> due(stop));
    }

    /** A stop that an operation is in the way of waits on: the operation may be the reboot that explains it. */
    @SuppressWarnings("ReferenceEquality") // an equal stop may be a later one
    private synchronized void due(HostEvent stop) {
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

    private void tell(HostEvent event) {
        for (Consumer<HostEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.warn("a listener of events failed", e);
            }
        }
    }

    private static HostEvent.@Nullable Kind kind(GuestEvent.Kind kind) {
        return switch (kind) {
            case STARTED -> HostEvent.Kind.STARTED;
            // Nova has no event of its own for a crash: the guest is down.
            case STOPPED, CRASHED -> HostEvent.Kind.STOPPED;
            case PAUSED -> HostEvent.Kind.PAUSED;
            case RESUMED -> HostEvent.Kind.RESUMED;
            case SUSPENDED -> HostEvent.Kind.SUSPENDED;
            case RESYNC -> HostEvent.Kind.RESET;
            default -> null;
        };
    }
}
