package org.novabridge.driver.storage.lvm;

import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * The sizes of a new thin pool in bytes, decided once for its life.
 *
 * <p>Small chunks cost little at the first write to a place and share well between snapshots; large ones
 * need less metadata. LVM's own choice keeps the metadata under 128 MiB by making chunks of many
 * megabytes on large pools, where each first write then costs as much (harvester 11335), so it is
 * never left to it: 64 KiB up to 4 TiB of data, then doubled with each doubling of the size, up to 1 MiB.
 *
 * <p>Metadata: 64 bytes for each chunk (lvmthin(7)), twice that because snapshots have trees of their own;
 * at least a hundredth of the data up to 1 GiB; at most 15 GiB. A pool whose metadata is full is read-only
 * and needs a repair, so room is left in the group for the spare copy that the repair writes to.
 *
 * @param data size of the data
 * @param metadata size of the metadata, which LVM keeps a second time as a spare
 * @param chunk unit of allocation
 */
record ThinPoolShape(long data, long metadata, long chunk) {
    private static final long SMALL_CHUNK = 64 << 10;
    private static final long LARGE_CHUNK = 1 << 20;
    private static final long SMALL_POOL = 4L << 40;
    /** 15.88 TiB of 64 KiB chunks, which is what the largest metadata can address (lvcreate of lvm2 2.03.16). */
    private static final long MOST_CHUNKS = (long) (15.88 * (1L << 40)) / SMALL_CHUNK;

    private static final long BYTES_PER_CHUNK = 128;
    private static final long GIB = 1L << 30;

    /**
     * @param size bytes of the group, of which {@code images_lvm_pool_size} may name a part
     * @param free bytes of the group that nothing has
     * @throws BridgeException STORAGE_FULL when the pool does not fit, INVALID_CONFIGURATION when its chunks are too small
     */
    static ThinPoolShape of(long size, long free, long extent, ThinPoolSettings settings) {
        ThinPoolSettings.Share share = settings.size();
        long usual = usual(free, settings.growth());
        long wanted = share == null ? usual : share.of(size);
        Long asked = settings.chunkBytes();
        long chunk = asked == null ? chunk(wanted) : asked;
        Long given = settings.metadataBytes();
        long metadata = roundUp(given == null ? metadata(wanted, chunk) : given, extent);
        long kept = share == null && settings.growth().wanted() ? free - usual : 0;
        long room = roundDown(free - kept - 2 * metadata, extent);
        long data = roundDown(share == null ? Math.min(wanted, room) : wanted, extent);
        if (data < extent || data > room) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FULL,
                    "a thin pool of " + Math.max(data, extent) + " bytes, its metadata of " + metadata
                            + " bytes and as much again as a spare do not fit into " + free + " free bytes",
                    "write a smaller [libvirt]images_lvm_pool_size, or give the group more devices");
        }
        if (data / chunk > MOST_CHUNKS) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[libvirt]images_lvm_chunk_size: chunks of " + chunk + " bytes cannot address a pool of " + data
                            + " bytes",
                    "leave it out, or write at least " + (data / MOST_CHUNKS / SMALL_CHUNK + 1) * (SMALL_CHUNK >> 10)
                            + "K");
        }
        return new ThinPoolShape(data, metadata, chunk);
    }

    /**
     * What a pool takes when it is not said. What it leaves is for snapshots of thick volumes, and where pools are
     * grown, for one growth of data and metadata: a pool that takes the whole group at once cannot grow.
     */
    private static long usual(long free, PoolGrowth growth) {
        long nearlyAll = free - free / 100;
        return growth.wanted() ? growth.shareOf(nearlyAll) : nearlyAll;
    }

    private static long chunk(long data) {
        long chunk = SMALL_CHUNK;
        for (long most = SMALL_POOL; data > most && chunk < LARGE_CHUNK; most *= 2) {
            chunk *= 2;
        }
        return chunk;
    }

    private static long metadata(long data, long chunk) {
        long trees = data / chunk * BYTES_PER_CHUNK;
        long least = Math.min(data / 100, GIB);
        return Math.min(Math.max(trees, least), ThinPoolSettings.METADATA_LARGEST);
    }

    private static long roundUp(long bytes, long extent) {
        return roundDown(bytes + extent - 1, extent);
    }

    private static long roundDown(long bytes, long extent) {
        return bytes / extent * extent;
    }
}
