package org.novabridge.driver.storage.lvm;

import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Whether a pool takes a further volume: never one that is broken, that would show one tenant's blocks to
 * another, or that has promised as much as {@code images_lvm_max_over_subscription_ratio} allows, pictures that are yet to be
 * taken included.
 *
 * <p>The pool's metadata must stay below 95 percent: LVM itself refuses new volumes a little above, and a
 * pool with full metadata stops all guests in it (lvmthin(7)).
 */
final class ThinAdmission {
    private static final double METADATA_MOST = 95;

    private final ThinPoolSettings settings;
    private final boolean singleTenant;

    ThinAdmission(ThinPoolSettings settings, boolean singleTenant) {
        this.settings = settings;
        this.singleTenant = singleTenant;
    }

    /**
     * @param more bytes that the new volume, or the growth of one, promises
     * @throws BridgeException VOLUME_GROUP_UNUSABLE, STORAGE_FULL
     */
    void demand(ThinPool pool, long more) {
        String name = pool.group().name() + "/" + pool.name();
        if (!pool.zeroing() && !singleTenant) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "thin pool " + name + " does not zero its blocks: a new disk would show what deleted guests wrote",
                    "lvchange --zero y " + name + "; or, when all guests of this host belong to one tenant, set "
                            + LibvirtOptions.IMAGES_LVM_SINGLE_TENANT.display() + " = true");
        }
        if (!pool.health().isEmpty() && !pool.health().equals("out_of_data")) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "thin pool " + name + " is broken: " + pool.health(),
                    "stop its guests and repair it: lvconvert --repair " + name + " (lvmthin(7), Metadata check and"
                            + " repair)");
        }
        if (!pool.health().isEmpty() || pool.metadataPercent() >= METADATA_MOST) {
            boolean data = !pool.health().isEmpty();
            throw new BridgeException(
                    ErrorCode.STORAGE_FULL,
                    "thin pool " + name
                            + (data ? " is full" : " has used " + pool.metadataPercent() + " % of its metadata"),
                    data
                            ? "lvextend --size +SIZE " + name + "; or delete guests"
                            : "lvextend --poolmetadatasize +SIZE " + name);
        }
        long most = (long) (pool.size() * settings.ratio());
        long promised = pool.promised() + PictureClaim.of(pool.group().name(), pool.name());
        if (promised + more > most) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FULL,
                    "thin pool " + name + " of " + pool.size() + " bytes has promised " + promised
                            + " bytes, and " + more + " more would exceed "
                            + LibvirtOptions.IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO.display() + " = "
                            + settings.ratio(),
                    "delete guests, grow the pool (lvextend --size +SIZE " + name
                            + "), or raise the ratio and watch the pool");
        }
    }

    /**
     * Whether what is written at once fits. The promises above may be more than the pool has, and when it is full all
     * its guests stop, for the sake of one image. What dmeventd can grow it by counts: guests that wait go on then.
     *
     * @param bytes that are written for certain
     * @param what they are
     * @throws BridgeException STORAGE_FULL
     */
    void demandFree(ThinPool pool, long bytes, String what) {
        String name = pool.group().name() + "/" + pool.name();
        long growth = pool.monitored() ? pool.group().free() : 0;
        if (bytes > pool.free() + growth) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FULL,
                    "thin pool " + name + " has " + pool.free() + " bytes free"
                            + (growth > 0 ? " and can grow by " + growth : "") + ", and " + what + " takes at least "
                            + bytes + ": to fill the pool would stop all guests in it",
                    "lvextend --size +SIZE " + name + "; or delete guests");
        }
    }
}
