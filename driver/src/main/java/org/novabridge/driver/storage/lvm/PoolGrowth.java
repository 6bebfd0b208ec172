package org.novabridge.driver.storage.lvm;

import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;

/**
 * When a thin pool is grown, and by how much. The only grower is dmeventd, which reads it from the LVM profile of the
 * pool, so that a pool is protected while the bridge is not running. lvm2 2.03.16 holds data and metadata to the same
 * two numbers, takes less than 50 for 50, and 100 for never (lvm.conf, {@code thin_pool_autoextend_threshold}).
 *
 * @param threshold percent of use, of data or metadata, from which on it is grown; 100 never
 * @param percent by how much of its size at the time
 */
record PoolGrowth(int threshold, int percent) {
    private static final int NEVER = 100;

    static PoolGrowth of(ConfigSnapshot config) {
        return new PoolGrowth(
                config.get(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD),
                config.get(LibvirtOptions.IMAGES_LVM_AUTOEXTEND_PERCENT));
    }

    boolean wanted() {
        return threshold < NEVER;
    }

    /** How many bytes LVM adds to something of that size, before it rounds up to extents. */
    long step(long size) {
        return (Math.multiplyExact(size, percent) + 99) / 100;
    }

    /** How much of so many bytes something may take that shall have room to grow once. */
    long shareOf(long bytes) {
        return bytes / (100 + percent) * 100;
    }

    /** What the options say, for operators. */
    String describe() {
        return LibvirtOptions.IMAGES_LVM_AUTOEXTEND_THRESHOLD.display() + " = " + threshold + ", "
                + LibvirtOptions.IMAGES_LVM_AUTOEXTEND_PERCENT.display() + " = " + percent;
    }
}
