package org.novabridge.driver.storage.lvm;

import java.time.Instant;

/**
 * How much of a thin pool is in use at one time. All sizes are in bytes.
 *
 * @param size of the data
 * @param data in use
 * @param metadataSize of the metadata
 * @param metadata in use
 * @param groupFree what the volume group has left, for both to grow
 * @param health LVM's word for what is wrong with the pool; empty when nothing is
 */
record PoolUse(Instant at, long size, long data, long metadataSize, long metadata, long groupFree, String health) {
    /** A guest that found the pool full shall not find it full again at once. */
    private static final double LEAST_FREE = 0.01;

    /** What guests may write before it is full. */
    PoolRoom room(String pool) {
        long free = Math.max(0, size - data);
        return new PoolRoom(pool, free, health.isEmpty() && metadata < metadataSize && free >= size * LEAST_FREE);
    }
}
