package org.novabridge.driver.compute;

import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.hypervisor.GuestEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's events as Nova wants them: what a running operation of ours causes is not told, and a
 * stop is told 15 s late unless a start follows (nova/virt/libvirt/host.py 26.2.2), because a reboot
 * looks like a stop first and Nova would then stop the instance for good.
 */
final class EventRelay {
    private static final Logger LOG = LoggerFactory.getLogger(EventRelay.class);

    private final Predicate<String> busy;
    private final Clock clock;
    private final Duration stopDelay;
    private final ScheduledExecutorService timer;
    private final List<Consumer<InstanceEvent>> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, ScheduledFuture<?>> stops = new HashMap<>();

    /** @param busy true while an operation works on the instance */
    EventRelay(Predicate<String> busy, Clock clock, Duration stopDelay, ScheduledExecutorService timer) {
        this.busy = busy;
        this.clock = clock;
        this.stopDelay = stopDelay;
        this.timer = timer;
    }

    Subscription subscribe(Consumer<InstanceEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void accept(GuestEvent event) {
        String kind = kind(event.kind());
        if (kind == null) {
            return;
        }
        if (event.kind() == GuestEvent.Kind.RESYNC) {
            tell(new InstanceEvent("", kind, event.at()));
            return;
        }
        boolean ours = busy.test(event.uuid());
        synchronized (stops) {
            ScheduledFuture<?> waiting = stops.remove(event.uuid());
            if (waiting != null) {
                waiting.cancel(false);
            }
            if (!ours && event.kind() == GuestEvent.Kind.STOPPED) {
                stops.put(
                        event.uuid(),
                        timer.schedule(() -> stopped(event), stopDelay.toMillis(), TimeUnit.MILLISECONDS));
                return;
            }
        }
        if (!ours) {
            tell(new InstanceEvent(event.uuid(), kind, event.at()));
        }
    }

    private void stopped(GuestEvent event) {
        synchronized (stops) {
            stops.remove(event.uuid());
        }
        if (!busy.test(event.uuid())) {
            tell(new InstanceEvent(event.uuid(), "stopped", clock.instant()));
        }
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
            case CRASHED -> "stopped";
            default -> null;
        };
    }
}
