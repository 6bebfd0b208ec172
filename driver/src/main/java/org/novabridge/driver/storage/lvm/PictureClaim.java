package org.novabridge.driver.storage.lvm;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Room of a thin pool that a picture was promised and that LVM knows nothing of yet: the pool is asked before the guest
 * stands still, and until the picture is there nobody else may be promised that room. Made and given up under the lock of the
 * group, so that a pool that is looked at under it has either the claim or the picture. It belongs to the pool's name for the
 * life of the process, as that lock does; with the process its pictures that are not taken yet are gone, too.
 */
final class PictureClaim implements AutoCloseable {
    private static final Map<String, Long> CLAIMED = new ConcurrentHashMap<>();

    private final String pool;
    private long bytes;
    private boolean over;

    private PictureClaim(String pool, long bytes) {
        this.pool = pool;
        this.bytes = bytes;
    }

    static PictureClaim take(String group, String pool, long bytes) {
        String name = group + "/" + pool;
        CLAIMED.merge(name, bytes, Long::sum);
        return new PictureClaim(name, bytes);
    }

    /** Bytes that all claims on the pool have. */
    static long of(String group, String pool) {
        return CLAIMED.getOrDefault(group + "/" + pool, 0L);
    }

    /** For who is about to take the picture: its room may be another's by now. */
    synchronized void demandHeld() {
        if (over) {
            throw new IllegalStateException("the room of the picture was given back before it was taken");
        }
    }

    /** Any number of times. */
    @Override
    public synchronized void close() {
        over = true;
        long given = bytes;
        bytes = 0;
        CLAIMED.computeIfPresent(pool, (name, all) -> all == given ? null : all - given);
    }
}
