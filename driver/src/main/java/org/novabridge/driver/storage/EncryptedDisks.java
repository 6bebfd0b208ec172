package org.novabridge.driver.storage;

import java.nio.file.Path;
import org.novabridge.driver.model.BridgeException;

/**
 * Disks that a guest can only be given when somebody has brought their key. An open disk stays open until it is
 * removed, closed, or the host goes down, whoever stops and starts its guest. Every call may be repeated.
 */
public interface EncryptedDisks {

    /** What lies below the disk and holds its encrypted blocks; touches nothing. */
    Path volume(String instanceUuid, String diskName);

    /** Whether the disk can be read and written now. */
    boolean open(String instanceUuid, String diskName);

    /**
     * Looks whether the disk can be opened, or made, with the keys that were brought; changes nothing.
     *
     * @throws BridgeException DISK_KEY_REFUSED when there is no key, or it is another disk's
     */
    void demandKey(String instanceUuid, String diskName);

    /**
     * Opens an existing disk; one that is open is success.
     *
     * @throws BridgeException DISK_KEY_REFUSED, DISK_NOT_FOUND, STORAGE_FAILED
     */
    void unlock(String instanceUuid, String diskName);

    /**
     * Closes the disk, which nobody uses; one that is not open is success.
     *
     * @throws BridgeException VOLUMES_NOT_REMOVED when somebody holds it open
     */
    void lock(String instanceUuid, String diskName);
}
