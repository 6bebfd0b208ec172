package org.novabridge.driver.storage.lvm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all erasing in one volume group shares: the turns of its wipes, and the rate ({@code volume_clear_rate}).
 *
 * <p>A wipe takes a turn for each slice that it writes, and then goes to the end of the queue. So at most
 * {@link #AT_ONCE} write at a time however many guests are deleted at once, all come forward alike, and a small one
 * does not wait for the end of a large one. It belongs to the group's name for the life of the process, since a reload
 * makes new backends while operations go on with old ones.
 */
final class ErasePace {
    /** One writes while the other's next program starts; more would only take the device from the guests. */
    static final int AT_ONCE = 2;

    private static final Map<String, ErasePace> GROUPS = new ConcurrentHashMap<>();

    /** How soon a waiter notices that it was cancelled. */
    private static final long LOOK_MILLIS = 200;

    private final Deque<Object> queue = new ArrayDeque<>();
    private int writing;
    private long paidUntil;
    private boolean begun;

    /** A turn that somebody has; closing it ends it. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    static ErasePace of(String group) {
        return GROUPS.computeIfAbsent(group, unused -> new ErasePace());
    }

    /**
     * Waits for a turn, first come first served.
     *
     * @param cancelled asked several times a second; the wait then ends without a turn
     * @return null when it was cancelled
     */
    synchronized @Nullable Turn turn(BooleanSupplier cancelled) throws InterruptedException {
        Object ticket = new Object();
        queue.add(ticket);
        try {
            while (writing == AT_ONCE || queue.peek() != ticket) {
                wait(LOOK_MILLIS);
                if (cancelled.getAsBoolean()) {
                    return null;
                }
            }
            writing++;
            return this::end;
        } finally {
            queue.remove(ticket);
            notifyAll();
        }
    }

    private synchronized void end() {
        writing--;
        notifyAll();
    }

    /**
     * Books some bytes at a rate that all share.
     *
     * @param rate bytes per second, 0 for no limit
     * @param now {@link System#nanoTime}
     * @return nanoseconds from now until they may be written
     */
    synchronized long book(long bytes, long rate, long now) {
        if (rate == 0) {
            return 0;
        }
        long start = begun && paidUntil - now > 0 ? paidUntil : now;
        begun = true;
        paidUntil = start + (long) (bytes * 1e9 / rate);
        return start - now;
    }
}
