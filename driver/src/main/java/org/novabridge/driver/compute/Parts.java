package org.novabridge.driver.compute;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.KeptDisks;

/**
 * What the use cases work on.
 *
 * @param volumes what may be a volume of a guest
 * @param keys of encrypted disks, that were brought and not used yet
 * @param operations for the undo lists of others that have become wrong
 * @param patience of today
 * @param poll how often a guest that was asked to shut down is looked at
 * @param aio whether a guest with io=native still fits
 */
record Parts(
        Hypervisor hypervisor,
        GuestPlanner planner,
        SpecFiles files,
        Backends backends,
        VolumeSources volumes,
        SnapshotImages images,
        InstanceFolders folders,
        InstanceRecords records,
        DiskKeys keys,
        Locks locks,
        Operations operations,
        Clock clock,
        Supplier<Patience> patience,
        Duration poll,
        AioAdmission aio) {

    /** Whether an instance of this uuid is on this host, made by the bridge or by another. */
    boolean knows(String uuid) {
        return records.find(uuid).isPresent() || hypervisor.find(uuid).isPresent();
    }

    /**
     * What a backend keeps of disks that are resized.
     *
     * @throws BridgeException NOT_SUPPORTED when it keeps nothing
     */
    KeptDisks kept(String backend) {
        return backends.get(backend)
                .kept()
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.NOT_SUPPORTED,
                        "disks of images_type " + backend + " cannot be kept as they are beside their new form"));
    }
}
