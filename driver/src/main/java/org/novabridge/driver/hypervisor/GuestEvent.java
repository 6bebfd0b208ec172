package org.novabridge.driver.hypervisor;

import java.time.Instant;

/**
 * Something happened to a guest. {@code RESYNC} means that events may have been missed (the connection
 * was lost and is back, or listeners were too slow): ask again.
 *
 * @param uuid the domain's UUID; empty for RESYNC
 * @param detail libvirt's detail in its own lower-case words ({@code destroyed}, {@code saved}); for IO_ERROR the
 *     device and the reason
 */
public record GuestEvent(String uuid, Kind kind, String detail, Instant at) {
    /** True when a write of the guest found no space; QEMU says so for each write that was on its way. */
    public boolean noSpace() {
        return kind == Kind.IO_ERROR && detail.endsWith(" enospc");
    }

    /** Kinds as in {@code nova.virt.event}, the two that Nova has no name for, and our own RESYNC. */
    public enum Kind {
        DEFINED,
        UNDEFINED,
        STARTED,
        STOPPED,
        PAUSED,
        RESUMED,
        SUSPENDED,
        CRASHED,
        /** The guest rebooted itself; it is the same QEMU process. */
        REBOOTED,
        /** A disk answered with an error. */
        IO_ERROR,
        RESYNC
    }
}
