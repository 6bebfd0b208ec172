package org.novabridge.driver.hypervisor;

import java.time.Instant;

/** Something happened to a guest. {@code RESYNC} means the connection was lost and is back: ask again. */
public record GuestEvent(String uuid, Kind kind, String detail, Instant at) {
    /** Kinds as in {@code nova.virt.event} plus our own RESYNC (with an empty uuid). */
    public enum Kind {
        DEFINED,
        UNDEFINED,
        STARTED,
        STOPPED,
        PAUSED,
        RESUMED,
        SUSPENDED,
        CRASHED,
        RESYNC
    }
}
