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
 */
record PoolUse(Instant at, long size, long data, long metadataSize, long metadata, long groupFree) {}
