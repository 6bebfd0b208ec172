package org.novabridge.driver.storage;

/** Whether a disk can be given to a guest. */
public enum DiskState {
    MISSING,
    /** Its growth was interrupted: what it has gained may be another guest's. {@link ImageBackend#grow} finishes it. */
    GROWING,
    READY
}
