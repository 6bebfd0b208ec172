package org.novabridge.driver.compute;

import java.time.Clock;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.storage.lvm.PoolAlarm;
import org.novabridge.driver.storage.lvm.ThinPoolWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has the thin pool looked at every {@code [nova_bridge]thin_pool_watch_interval} seconds, the first time at once. */
final class PoolWatchSchedule implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PoolWatchSchedule.class);

    private final Supplier<ConfigSnapshot> config;
    private final ThinPoolWatch watch;
    private final Clock clock;
    private final ScheduledExecutorService timer = Timers.daemon("thin-pool");
    private boolean failing;

    PoolWatchSchedule(Supplier<ConfigSnapshot> config, ThinPoolWatch watch, Clock clock) {
        this.config = config;
        this.watch = watch;
        this.clock = clock;
    }

    void start() {
        timer.execute(this::lookAndGoOn);
    }

    /** A reload of the interval counts from the next look on. */
    private void lookAndGoOn() {
        look();
        if (!timer.isShutdown()) {
            var unused = timer.schedule(
                    this::lookAndGoOn, ThinPoolWatch.interval(config.get()).toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** A failure is told once, not at each look: LVM may be away for long. */
    void look() {
        try {
            watch.look(clock.instant());
            failing = false;
        } catch (RuntimeException e) {
            if (!failing) {
                LOG.warn("nobody can see how full the thin pool is: {}", e.getMessage());
            }
            failing = true;
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
