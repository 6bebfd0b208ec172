package org.novabridge.driver.storage;

/**
 * Work that goes on when who began it has its answer: the wipe of a deleted disk. What it works on remembers by itself that
 * it is to be done, so that a crash forgets nothing.
 */
public interface LaterWork {

    /** Name of the logical volume that it works on. */
    String volume();

    /**
     * Does it; it may take long.
     *
     * @throws org.novabridge.driver.model.BridgeException VOLUMES_NOT_REMOVED, CANCELLED: the next start of the bridge tries
     *     again
     */
    void finish(Progress progress);

    /** It was done, or will not be in this process. A second call does nothing. */
    void over();
}
