package org.novabridge.driver.model;

import org.jspecify.annotations.Nullable;

/**
 * The I/O threads of a guest: each serves disks or a controller, none is idle by design.
 *
 * @param count how many there are, numbered from 1
 * @param cpuset host processors that each of them may run on, in libvirt's list form; null when they are not pinned
 */
public record IoThreads(int count, @Nullable String cpuset) {
    /** As Nova has it. */
    public static final IoThreads NONE = new IoThreads(0, null);
}
