package org.novabridge.driver.compute;

import org.novabridge.driver.model.BridgeException;

/**
 * This host as the destination of migrations. Whoever has the token of a migration may speak of its instance here, and of
 * nothing else; who may offer one is decided by the socket.
 */
public interface TransferService {

    /**
     * Makes room for an instance and waits for its disks. The result has {@code ready}, which becomes true when they may
     * come; it ends when all are here. Fails with RESIZE_REFUSED, INSTANCE_EXISTS, STORAGE_FULL …
     */
    Operation offer(Caller caller, MigrationOffer offer);

    /**
     * Takes whole frames of the disks, in their order.
     *
     * @throws BridgeException FORBIDDEN for another token; INSTANCE_INVALID_STATE when no disks are expected;
     *     INVALID_REQUEST for what cannot be the next frame; STORAGE_FAILED
     */
    void frames(String migration, String token, byte[] frames);

    /** The instance is this host's, and runs if it ran. */
    Operation take(Caller caller, MigrationClaim claim);

    /** It stays for good. */
    Operation keep(Caller caller, MigrationClaim claim);

    /** It goes again; none is success. */
    Operation drop(Caller caller, MigrationClaim claim);
}
