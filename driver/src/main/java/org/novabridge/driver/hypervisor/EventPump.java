package org.novabridge.driver.hypervisor;

import com.sun.jna.Callback;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes events off libvirt's thread and gives them to listeners on one thread of ours. The callback
 * copies a few words and returns, since a slow one stalls keepalives and every other event. When
 * listeners are so slow that the queue is full, events are dropped and a RESYNC says so.
 */
final class EventPump implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventPump.class);
    private static final int UUID_BYTES = 37;

    /**
     * Every callback ever given to libvirt, for the life of the JVM: an event already on its way when the
     * registration ends still calls it, and a collected callback ends the process.
     */
    private static final Queue<Callback> KEPT = new ConcurrentLinkedQueue<>();

    private final NativeLibvirt libvirt;
    private final Clock clock;
    private final List<Consumer<GuestEvent>> listeners = new CopyOnWriteArrayList<>();
    private final BlockingQueue<GuestEvent> waiting;
    private final AtomicBoolean overflowed = new AtomicBoolean();
    private final Thread worker;
    private volatile boolean closed;

    private final LibvirtEventCalls.LifecycleCallback lifecycle = (connection, domain, event, detail, opaque) -> {
        LibvirtCodes.lifecycle(event).ifPresent(kind -> accept(uuid(domain), kind, LibvirtCodes.detail(kind, detail)));
        return 0;
    };
    private final LibvirtEventCalls.RebootCallback reboot =
            (connection, domain, opaque) -> accept(uuid(domain), GuestEvent.Kind.REBOOTED, "");
    private final LibvirtEventCalls.IoErrorCallback ioError =
            (connection, domain, path, alias, action, reason, opaque) ->
                    accept(uuid(domain), GuestEvent.Kind.IO_ERROR, alias + " " + reason);

    EventPump(NativeLibvirt libvirt, Clock clock, int capacity) {
        this.libvirt = libvirt;
        this.clock = clock;
        this.waiting = new ArrayBlockingQueue<>(capacity);
        KEPT.add(lifecycle);
        KEPT.add(reboot);
        KEPT.add(ioError);
        worker = new Thread(this::deliver, "guest-events");
        worker.setDaemon(true);
        worker.start();
    }

    void subscribe(Consumer<GuestEvent> listener) {
        listeners.add(listener);
    }

    /** Asks for events of all domains of a connection; the answer is what {@link #unregister} needs. */
    List<Integer> register(Pointer connection) {
        List<Integer> registrations = new ArrayList<>();
        register(connection, LibvirtEventCalls.EVENT_LIFECYCLE, lifecycle, "lifecycle", registrations);
        register(connection, LibvirtEventCalls.EVENT_REBOOT, reboot, "reboot", registrations);
        register(connection, LibvirtEventCalls.EVENT_IO_ERROR_REASON, ioError, "I/O error", registrations);
        return registrations;
    }

    private void register(Pointer connection, int event, Callback callback, String name, List<Integer> registrations) {
        int number = libvirt.events.virConnectDomainEventRegisterAny(connection, null, event, callback, null, null);
        if (number < 0) {
            throw LibvirtErrors.last("asking for " + name + " events");
        }
        registrations.add(number);
    }

    void unregister(Pointer connection, List<Integer> registrations) {
        for (int number : registrations) {
            if (libvirt.events.virConnectDomainEventDeregisterAny(connection, number) < 0) {
                LOG.debug("event registration {}: {}", number, LibvirtErrors.lastMessage());
            }
        }
    }

    /** Puts an event into the queue; never waits. */
    void accept(String uuid, GuestEvent.Kind kind, String detail) {
        if (!waiting.offer(new GuestEvent(uuid, kind, detail, clock.instant()))) {
            overflowed.set(true);
        }
    }

    private String uuid(Pointer domain) {
        byte[] text = new byte[UUID_BYTES];
        if (libvirt.domains.virDomainGetUUIDString(domain, text) < 0) {
            return "";
        }
        return new String(text, 0, UUID_BYTES - 1, StandardCharsets.US_ASCII);
    }

    private void deliver() {
        while (!closed) {
            try {
                GuestEvent event = waiting.take();
                tell(event);
                if (waiting.isEmpty() && overflowed.compareAndSet(true, false)) {
                    LOG.warn("guest events were dropped because listeners were too slow; asking for a resync");
                    tell(new GuestEvent("", GuestEvent.Kind.RESYNC, "events were dropped", clock.instant()));
                }
            } catch (InterruptedException e) {
                LOG.debug("event delivery ends");
                return;
            }
        }
    }

    private void tell(GuestEvent event) {
        for (Consumer<GuestEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.error("a listener failed on {}", event, e);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        worker.interrupt();
    }
}
