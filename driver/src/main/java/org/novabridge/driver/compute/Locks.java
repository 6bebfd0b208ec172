package org.novabridge.driver.compute;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The locks of the house, in one order: instance, image, volume group, libvirt connection. A thread
 * that holds one may only take a lower one; anything else is a defect and throws, before it can become
 * a deadlock on a busy host. None is held while waiting for a client.
 */
final class Locks {

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
        Deque<Level> mine = held.get();
        Level lowest = mine.peek();
        if (lowest != null && lowest.compareTo(level) >= 0) {
            throw new IllegalStateException("lock order: " + level + " wanted while holding " + lowest);
        }
        Name name = new Name(level, of);
        Counted counted;
        synchronized (locks) {
            counted = locks.computeIfAbsent(name, unused -> new Counted());
            counted.users++;
        }
        counted.lock.lock();
        mine.push(level);
        return () -> release(name, counted);
    }

    private void release(Name name, Counted counted) {
        held.get().removeFirstOccurrence(name.level());
        counted.lock.unlock();
        synchronized (locks) {
            counted.users--;
            if (counted.users == 0) {
                locks.remove(name);
            }
        }
    }
}
