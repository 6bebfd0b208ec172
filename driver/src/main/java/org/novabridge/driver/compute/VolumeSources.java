package org.novabridge.driver.compute;

import org.novabridge.driver.compute.GuestPlan.PlannedVolume;
import org.novabridge.driver.model.BridgeException;

/** What of this host may be a volume of a guest. */
@FunctionalInterface
interface VolumeSources {
    /**
     * Before a guest gets it.
     *
     * @throws BridgeException INVALID_REQUEST when it is not connected, DISK_NOT_FOUND when it is not there, FORBIDDEN when
     *     this host needs it for itself
     */
    void demand(PlannedVolume volume);
}
