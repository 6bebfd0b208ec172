package org.novabridge.driver.compute;

import java.util.Optional;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.EncryptedDisks;
import org.novabridge.driver.storage.ImageBackend;

/**
 * The keys of a guest's encrypted disks: without them it is neither made nor started, and says what is missing.
 *
 * <p>A disk that is open stays open while its guest is stopped, as in Nova: who starts a guest again need not hold its
 * owner's token (nova-compute does not when it starts guests after a restart of itself). It is closed with the
 * removal of the disk, and when a start that opened it fails.
 */
final class GuestKeys {
    private final Parts parts;

    GuestKeys(Parts parts) {
        this.parts = parts;
    }

    /**
     * For an instance that is to be made.
     *
     * @throws BridgeException DISK_KEY_REFUSED
     */
    void demand(String uuid, GuestPlan plan) {
        for (PlannedDisk disk : plan.disks()) {
            demand(uuid, disk.backend(), disk.name());
        }
    }

    /**
     * For an instance that is to be started.
     *
     * @throws BridgeException DISK_KEY_REFUSED when one of its disks is closed and cannot be opened
     */
    void demand(InstanceRecord made) {
        for (RecordedDisk disk : made.disks()) {
            closed(made, disk).ifPresent(all -> all.demandKey(made.uuid(), disk.name()));
        }
    }

    /**
     * For a disk that is to be made anew, or comes back closed.
     *
     * @throws BridgeException DISK_KEY_REFUSED
     */
    void demand(String uuid, String backend, String disk) {
        parts.backends().get(backend).encryption().ifPresent(all -> all.demandKey(uuid, disk));
    }

    /** Opens what is closed of the instance's disks; one that was not made here has none. */
    void unlock(Steps steps) {
        Optional<InstanceRecord> made = parts.records().find(steps.instance());
        if (made.isEmpty()) {
            return;
        }
        for (RecordedDisk disk : made.get().disks()) {
            closed(made.get(), disk).ifPresent(all -> {
                steps.step("open the encrypted " + disk.name(), new Undo.LockDisk(disk.backend(), disk.name()));
                all.unlock(steps.instance(), disk.name());
            });
        }
    }

    private Optional<EncryptedDisks> closed(InstanceRecord made, RecordedDisk disk) {
        return parts.backends()
                .find(disk.backend())
                .flatMap(ImageBackend::encryption)
                .filter(all -> !all.open(made.uuid(), disk.name()));
    }

    /** The disks are open, or gone: the keys are needed no more. */
    void forget(String uuid) {
        parts.keys().forget(uuid);
    }

    /** The instance goes. */
    void forgetAll(String uuid) {
        parts.keys().forgetAll(uuid);
    }
}
