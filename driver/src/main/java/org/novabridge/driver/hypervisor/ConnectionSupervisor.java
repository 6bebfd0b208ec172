package org.novabridge.driver.hypervisor;

import com.sun.jna.Pointer;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection to libvirt open: down, opening, up. When it is lost it is opened again with
 * growing pauses, event registrations are renewed and listeners get a RESYNC. Opening happens on one
 * thread of its own, since a hung libvirt can keep it for ever; callers meanwhile get
 * HYPERVISOR_UNAVAILABLE at once.
 */
final class ConnectionSupervisor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionSupervisor.class);
    private static final int KEEPALIVE_SECONDS = 5;
    private static final int KEEPALIVE_COUNT = 5;
    private static final Queue<LibvirtEventCalls.CloseCallback> KEPT = new ConcurrentLinkedQueue<>();

    enum State {
        DOWN,
        OPENING,
        UP,
        CLOSED
    }

    private final NativeLibvirt libvirt;
    private final EventPump pump;
    private final LibvirtSettings settings;
    private final ScheduledThreadPoolExecutor thread;

    /** An open connection and what was asked of it. */
    private record Live(
            BridgeConnection connection, List<Integer> registrations, LibvirtEventCalls.CloseCallback onClose) {}

    private State state = State.DOWN;
    private @Nullable Live live;
    private String lastFailure = "not opened yet";
    private int failures;
    private boolean wasAway;

    ConnectionSupervisor(NativeLibvirt libvirt, EventPump pump, LibvirtSettings settings) {
        this.libvirt = libvirt;
        this.pump = pump;
        this.settings = settings;
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "libvirt-supervisor");
            made.setDaemon(true);
            return made;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Makes the first attempt and waits for it; later attempts go on by themselves. */
    void start() {
        Future<?> first = thread.submit(this::open);
        try {
            first.get(settings.openTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("libvirt at {} has not answered yet; trying on", settings.shownUri());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("opening " + settings.shownUri() + " broke", e.getCause());
        }
    }

    synchronized State state() {
        return state;
    }

    /**
     * The open connection.
     *
     * @throws BridgeException HYPERVISOR_UNAVAILABLE with the reason of the last attempt
     */
    synchronized BridgeConnection current() {
        Live open = live;
        if (state != State.UP || open == null) {
            throw new BridgeException(
                    ErrorCode.HYPERVISOR_UNAVAILABLE,
                    "libvirt at " + settings.shownUri() + " is away: " + lastFailure,
                    "see that libvirt is running and that [libvirt]connection_uri is right; a running bridge goes on trying");
        }
        return open.connection();
    }

    private void open() {
        synchronized (this) {
            if (state != State.DOWN) {
                return;
            }
            state = State.OPENING;
        }
        BridgeConnection opened = null;
        try {
            opened = BridgeConnection.open(settings.uri());
            up(prepare(opened));
        } catch (RuntimeException | LinkageError e) {
            // Whatever it was: uncaught here it would leave the state at OPENING and nobody would try again.
            if (opened != null) {
                opened.close();
            }
            failed(e);
        }
    }

    private Live prepare(BridgeConnection opened) {
        Pointer pointer = opened.pointer();
        LibvirtEventCalls.CloseCallback onClose =
                (connectionPointer, reason, opaque) -> lost(opened, LibvirtCodes.closeReason(reason));
        KEPT.add(onClose);
        // Local drivers (embed, test) have neither keepalive nor a close callback: they cannot be lost.
        if (libvirt.events.virConnectRegisterCloseCallback(pointer, onClose, null, null) < 0) {
            LOG.debug("no close callback: {}", LibvirtErrors.lastMessage());
        }
        if (libvirt.connections.virConnectSetKeepAlive(pointer, KEEPALIVE_SECONDS, KEEPALIVE_COUNT) != 0) {
            LOG.debug("no keepalive on {}", settings.shownUri());
        }
        return new Live(opened, pump.register(pointer), onClose);
    }

    private synchronized void up(Live opened) {
        if (state == State.CLOSED) {
            opened.connection().close();
            return;
        }
        live = opened;
        state = State.UP;
        failures = 0;
        LOG.info("connected to libvirt at {}", settings.shownUri());
        if (wasAway) {
            pump.accept("", GuestEvent.Kind.RESYNC, "connected to libvirt again");
        }
        wasAway = false;
    }

    private synchronized void failed(Throwable failure) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.DOWN;
        lastFailure = String.valueOf(failure.getMessage());
        wasAway = true;
        Duration pause = backOff(failures++);
        LOG.warn("{}; trying again in {} ms", lastFailure, pause.toMillis());
        again(pause);
    }

    private void again(Duration pause) {
        var unused = thread.schedule(this::open, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Duration backOff(int attempt) {
        long millis = settings.firstBackOff().toMillis() << Math.min(attempt, 16);
        return Duration.ofMillis(Math.min(millis, settings.longestBackOff().toMillis()));
    }

    /** Somebody found a connection dead. Only the present one counts; never waits for libvirt. */
    synchronized void lost(BridgeConnection which, String why) {
        if (state != State.UP || live == null || live.connection() != which) {
            return;
        }
        LOG.warn("the connection to libvirt at {} is lost: {}", settings.shownUri(), why);
        state = State.DOWN;
        lastFailure = why;
        wasAway = true;
        Live dead = live;
        live = null;
        // libvirt holds a reference for each callback; without giving them back a dead connection is never freed.
        var unused = thread.submit(() -> letGo(dead));
        again(backOff(failures++));
    }

    @Override
    public void close() {
        Live open;
        synchronized (this) {
            if (state == State.CLOSED) {
                return;
            }
            state = State.CLOSED;
            lastFailure = "closed";
            open = live;
            live = null;
        }
        CountDownLatch done = new CountDownLatch(1);
        if (open != null) {
            var unused = thread.submit(() -> {
                try {
                    letGo(open);
                } finally {
                    done.countDown();
                }
            });
        } else {
            done.countDown();
        }
        thread.shutdown();
        try {
            if (!done.await(5, TimeUnit.SECONDS)) {
                LOG.warn("libvirt does not let the connection go; leaving it to the end of the process");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void letGo(Live open) {
        Pointer pointer = open.connection().pointer();
        pump.unregister(pointer, open.registrations());
        if (libvirt.events.virConnectUnregisterCloseCallback(pointer, open.onClose()) < 0) {
            LOG.debug("close callback: {}", LibvirtErrors.lastMessage());
        }
        open.connection().close();
    }
}
