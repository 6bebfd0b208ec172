package org.novabridge.driver.exec;

/** What a command does to the host; it decides how the command is started, watched and ended. */
public enum Effect {
    /** Only reads: not told to the observer, dies with the bridge, ended at its deadline. */
    READS,
    /**
     * Writes something that is worthless until it is complete (a conversion, a copy, a wipe): told to
     * the observer before it acts, dies with the bridge, ended at its deadline or when cancelled.
     */
    WRITES,
    /**
     * Must come to its own end once started (a mutating LVM command: a kill between device-mapper's
     * suspend and resume hangs every guest on the device). Told to the observer before it acts,
     * outlives a dead bridge, never ended: at its deadline the observer is alarmed and the wait goes
     * on. Its outputs go to files, so that the end of the bridge does not break a pipe under it.
     */
    MUST_FINISH
}
