package org.novabridge.driver.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;

/**
 * What the disks of an instance were before a resize, kept beside them until that is confirmed or reverted. There is at
 * most one kept state of each disk. The guest does not run while any of these is called. Every call may be repeated.
 */
public interface KeptDisks {

    /** How a disk is kept. */
    enum Way {
        /** As {@link KeptDisks#keep} does it: the disk stays where it is. */
        BESIDE,
        /** As {@link KeptDisks#setAside} does it: the disk is made anew. */
        ASIDE,
        /** It is not kept: there was none. */
        NEW
    }

    /**
     * What is going to happen to a disk.
     *
     * @param sizeBytes that it will have, null when it keeps its own or is not made anew
     */
    record Demand(String diskName, Way way, @Nullable Long sizeBytes) {}

    /** What {@link #keep} makes of a disk, for the operator: a snapshot, a full copy. */
    String word();

    /**
     * Whether all of this can be done, kept states and new sizes together; changes nothing.
     *
     * @throws BridgeException STORAGE_FULL, VOLUME_GROUP_UNUSABLE; STORAGE_FAILED when a disk has a kept state already
     */
    void demandRoom(String instanceUuid, List<Demand> disks);

    /**
     * Keeps the disk as it is now, whatever is written to it afterwards. What a failure leaves is taken away by {@link
     * #discard}.
     *
     * @throws BridgeException DISK_NOT_FOUND, STORAGE_FULL, STORAGE_FAILED, CANCELLED
     */
    void keep(String instanceUuid, String diskName, Progress progress);

    /** Makes the disk itself the kept state, so that its name is free; nothing is copied. */
    void setAside(String instanceUuid, String diskName);

    /**
     * Puts the kept state in the place of the disk, which is removed, wiped as configured. Without a kept state the
     * disk stays as it is.
     */
    void restore(String instanceUuid, String diskName, Progress progress);

    /** Removes the kept state, wiped as configured, and what a failed {@link #keep} has left; none is success. */
    void discard(String instanceUuid, String diskName, Progress progress);

    /** Names of the disks that have a kept state. */
    List<String> list(String instanceUuid);
}
