package org.novabridge.driver.compute;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.storage.lvm.PoolAlarm;
import org.novabridge.driver.storage.lvm.ThinPoolWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the thin pool looked at every {@code [nova_bridge]thin_pool_watch_interval} seconds, the first time at once, and
 * more often while guests wait for it to grow.
 */
final class PoolWatchSchedule implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PoolWatchSchedule.class);

    /** dmeventd grows a pool at most as often (lvm2, dmeventd's timer of thin pools). */
    private static final Duration WHILE_GUESTS_WAIT = Duration.ofSeconds(10);

    private final Supplier<ConfigSnapshot> config;
    private final ThinPoolWatch watch;
    private final BooleanSupplier guests;
    private final Clock clock;
    private final ScheduledExecutorService timer = Timers.daemon("thin-pool");
    private @Nullable ScheduledFuture<?> next;
    private boolean failing;

    /** @param guests looks after those that wait for the pool to grow, after each look; true when some do */
    PoolWatchSchedule(Supplier<ConfigSnapshot> config, ThinPoolWatch watch, BooleanSupplier guests, Clock clock) {
        this.config = config;
        this.watch = watch;
        this.guests = guests;
        this.clock = clock;
    }

    void start() {
        after(Duration.ZERO);
    }

    /** Does not wait for the next look to be due. */
    void lookSoon() {
        after(Duration.ZERO);
    }

    /** In place of what was due. */
    private synchronized void after(Duration delay) {
        if (next != null) {
            next.cancel(false);
        }
        if (!timer.isShutdown()) {
            next = timer.schedule(this::lookAndGoOn, delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** A reload of the interval counts from the next look on. */
    private void lookAndGoOn() {
        boolean waiting = look();
        Duration interval = ThinPoolWatch.interval(config.get());
        after(waiting && interval.compareTo(WHILE_GUESTS_WAIT) > 0 ? WHILE_GUESTS_WAIT : interval);
    }

    /**
     * Looks once. A failure is told once, not at each look: LVM may be away for long.
     *
     * @return true when guests wait for the pool to grow
     */
    boolean look() {
        try {
            watch.look(clock.instant());
            boolean waiting = guests.getAsBoolean();
            failing = false;
            return waiting;
        } catch (RuntimeException e) {
            if (!failing) {
                LOG.warn("nobody can see how full the thin pool is, or who waits for it: {}", e.getMessage());
            }
            failing = true;
            return false;
        }
    }

    static void log(PoolAlarm alarm) {
        switch (alarm.level()) {
            case CRITICAL -> LOG.error("{}", alarm.sentence());
            case WARNING -> LOG.warn("{}", alarm.sentence());
            case OK -> LOG.info("{}", alarm.sentence());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
