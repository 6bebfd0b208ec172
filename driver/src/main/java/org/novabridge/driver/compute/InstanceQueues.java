package org.novabridge.driver.compute;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded number of threads and one queue for each instance: what is to be done on an instance runs
 * one after the other, different instances side by side. Safe for use by many threads.
 */
final class InstanceQueues implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InstanceQueues.class);
    private static final int FAREWELL_SECONDS = 10;
    private static final int IDLE_SECONDS = 60;

    private final ThreadPoolExecutor pool;
    private final Map<String, Deque<Runnable>> queues = new HashMap<>();
    private int waiting;

    /** @param name begins the names of the threads */
    InstanceQueues(int threads, String name) {
        this.pool = (ThreadPoolExecutor) Executors.newFixedThreadPool(threads, Timers.threads(name));
        pool.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        pool.allowCoreThreadTimeOut(true);
    }

    void add(String instance, Runnable work) {
        synchronized (queues) {
            waiting++;
            Deque<Runnable> queue = queues.get(instance);
            if (queue != null) {
                queue.add(work);
                return;
            }
            queues.put(instance, new ArrayDeque<>());
        }
        pool.execute(() -> run(instance, work));
    }

    private void run(String instance, Runnable first) {
        Runnable work = first;
        while (work != null) {
            synchronized (queues) {
                waiting--;
            }
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                // Also an Error: a queue left behind by its thread would hold the instance until a restart.
                LOG.error("an operation on {} failed outside its own work", instance, e);
            }
            synchronized (queues) {
                work = queues.getOrDefault(instance, new ArrayDeque<>()).poll();
                if (work == null) {
                    queues.remove(instance);
                }
            }
        }
    }

    /** True while something is done on the instance, or waits to be. */
    boolean busy(String instance) {
        synchronized (queues) {
            return queues.containsKey(instance);
        }
    }

    /** How much has not begun yet, of all instances. */
    int waiting() {
        synchronized (queues) {
            return waiting;
        }
    }

    /** Begins nothing new and gives running work a short while. */
    @Override
    public void close() {
        pool.getQueue().clear();
        finish();
    }

    /** Takes nothing new and gives all that it has a short while. */
    void finish() {
        pool.shutdown();
        try {
            if (!pool.awaitTermination(FAREWELL_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("operations still run; the next start settles them");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
