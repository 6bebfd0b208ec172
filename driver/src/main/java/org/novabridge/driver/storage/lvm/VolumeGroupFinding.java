package org.novabridge.driver.storage.lvm;

/** Something about the volume group that an operator should know, and what to do about it. */
public record VolumeGroupFinding(Severity severity, String sentence, String remedy) {

    /** How bad it is. */
    public enum Severity {
        /** Good to know; nothing is wrong. */
        NOTE,
        /** Works today. */
        WARNING,
        /** Disks cannot be made, or guests hang. */
        UNUSABLE
    }
}
