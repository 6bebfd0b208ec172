package org.novabridge.driver.compute;

/**
 * Told of every place where a crash of the bridge would leave something to settle. Off in
 * production; the crash run stops the process at the n-th place.
 */
@FunctionalInterface
interface CrashPoint {
    /** Nothing ever happens. */
    CrashPoint NONE = where -> {};

    /** @param where {@code journal before running}, {@code hypervisor after define} … */
    void reach(String where);
}
