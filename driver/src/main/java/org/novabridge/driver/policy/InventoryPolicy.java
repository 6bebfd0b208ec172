package org.novabridge.driver.policy;

import java.util.Optional;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskInventory;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.StorageSpace;

/**
 * What this host tells placement of its disks, so that placement gives no instance space that our own admission then
 * refuses. Total and {@code reserved_host_disk_mb} are Nova's (nova/virt/libvirt/driver.py {@code
 * update_provider_tree} 26.2.2). In volume groups and thin pools, what is there and is no guest's is reserved too, and
 * the ratio is never more than what is really admitted: 1.0 in a volume group, {@code
 * images_lvm_max_over_subscription_ratio} in a pool.
 */
public final class InventoryPolicy {
    private static final long GIB = 1L << 30;
    private static final long MIB_OF_A_GIB = 1024;

    private InventoryPolicy() {}

    /** The backend that makes the root disks of new guests: raw, qcow2, lvm, lvm-thin. */
    public static String backend(ConfigSnapshot config, HostFacts facts) {
        return BackendRule.configured(config, facts).get();
    }

    /**
     * The inventory.
     *
     * @param space where the disks of new guests are made
     * @return empty when there is less than one GiB: placement takes no total of 0, so Nova leaves the class out
     */
    public static Optional<DiskInventory> inventory(ConfigSnapshot config, StorageSpace space) {
        long total = space.total() / GIB;
        if (total == 0) {
            return Optional.empty();
        }
        double ratio = ratio(config, space.kind());
        return Optional.of(new DiskInventory(
                total,
                Math.min(total, reserved(config, space, ratio)),
                ratio,
                1,
                total,
                1,
                space.used(),
                space.free()));
    }

    /** 0 means not set, as in Nova (nova/virt/driver.py {@code _get_allocation_ratios}). */
    private static double ratio(ConfigSnapshot config, StorageSpace.Kind kind) {
        double wanted = config.find(DefaultOptions.DISK_ALLOCATION_RATIO)
                .filter(ratio -> ratio > 0)
                .orElseGet(() -> config.get(DefaultOptions.INITIAL_DISK_ALLOCATION_RATIO));
        return switch (kind) {
            case FILE_SYSTEM -> wanted;
            case VOLUME_GROUP -> Math.min(wanted, 1.0);
            case THIN_POOL ->
                Math.min(
                        wanted,
                        config.find(LibvirtOptions.IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO)
                                .orElse(1.0));
        };
    }

    /**
     * Placement takes the ratio of what is left after the reserve, admission takes the reserve off after the ratio:
     * below 1.0 the reserve must be larger for both to come to the same.
     */
    private static long reserved(ConfigSnapshot config, StorageSpace space, double ratio) {
        Long taken = space.reserved();
        double bytes = taken == null || ratio == 0 ? 0 : taken / Math.min(1.0, ratio);
        return (long) Math.ceil(bytes / GIB)
                + (config.get(DefaultOptions.RESERVED_HOST_DISK_MB) + MIB_OF_A_GIB - 1) / MIB_OF_A_GIB;
    }
}
