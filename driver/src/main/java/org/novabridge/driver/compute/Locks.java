package org.novabridge.driver.compute;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

/**
 * The locks of the house, in one order: instance, image, volume group, libvirt connection. A thread
 * that holds one may only take a lower one; anything else is a defect and throws, before it can become
 * a deadlock on a busy host. None is held while waiting for a client.
 */
final class Locks {
    /** How soon a waiter notices that it was cancelled. */
    private static final long LOOK_MILLIS = 200;

    /** From the top down. */
    enum Level {
        INSTANCE,
        IMAGE,
        VOLUME_GROUP,
        CONNECTION
    }

    /** A lock that is held; closing it frees it. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    private record Name(Level level, String of) {}

    private static final class Counted {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }

    private final Map<Name, Counted> locks = new HashMap<>();
    private final ThreadLocal<Deque<Level>> held = ThreadLocal.withInitial(ArrayDeque::new);

    /**
     * Waits for the lock and takes it.
     *
     * @throws IllegalStateException when this thread holds one of the same level or a lower one
     */
    Held take(Level level, String of) {
        Name name = new Name(level, of);
        Counted counted = use(name);
        counted.lock.lock();
        return held(name, counted);
    }

    /**
     * As {@link #take(Level, String)}, for a lock that somebody may hold for long.
     *
     * @param waiter is told the phase when the lock is not free, and may give up
     * @param phase what is waited for, in words an operator knows
     * @throws BridgeException CANCELLED when the waiter gives up; INTERRUPTED when the thread is to end
     */
    Held take(Level level, String of, Progress waiter, String phase) {
        Name name = new Name(level, of);
        Counted counted = use(name);
        try {
            boolean taken = counted.lock.tryLock();
            while (!taken) {
                waiter.report(phase, -1);
                if (waiter.cancelled()) {
                    throw new BridgeException(ErrorCode.CANCELLED, "the operation was cancelled by its caller");
                }
                taken = counted.lock.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
            return held(name, counted);
        } catch (InterruptedException e) {
            letGo(name, counted);
            Thread.currentThread().interrupt();
            throw new BridgeException(ErrorCode.INTERRUPTED, "the bridge is being stopped", null, e);
        } catch (RuntimeException e) {
            letGo(name, counted);
            throw e;
        }
    }

    private Counted use(Name name) {
        Level lowest = held.get().peek();
        if (lowest != null && lowest.compareTo(name.level()) >= 0) {
            throw new IllegalStateException("lock order: " + name.level() + " wanted while holding " + lowest);
        }
        synchronized (locks) {
            Counted counted = locks.computeIfAbsent(name, unused -> new Counted());
            counted.users++;
            return counted;
        }
    }

    private Held held(Name name, Counted counted) {
        held.get().push(name.level());
        return () -> {
            held.get().removeFirstOccurrence(name.level());
            counted.lock.unlock();
            letGo(name, counted);
        };
    }

    private void letGo(Name name, Counted counted) {
        synchronized (locks) {
            counted.users--;
            if (counted.users == 0) {
                locks.remove(name);
            }
        }
    }
}
