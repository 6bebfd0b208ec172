package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that do not keep the process alive. */
final class Timers {
    private Timers() {}

    static ScheduledExecutorService daemon(String name) {
        return Executors.newSingleThreadScheduledExecutor(threads(name));
    }

    /** Runs something after a while. */
    @FunctionalInterface
    interface Later {
        void run(Duration delay, Runnable work);
    }

    /** What comes later runs on the timer's thread; what is left when the timer ends, or comes after, does not run. */
    static Later later(ScheduledExecutorService timer) {
        return (delay, work) -> {
            if (!timer.isShutdown()) {
                var unused = timer.schedule(work, delay.toMillis(), TimeUnit.MILLISECONDS);
            }
        };
    }

    static ThreadFactory threads(String name) {
        AtomicInteger count = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
