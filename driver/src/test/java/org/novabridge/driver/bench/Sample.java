package org.novabridge.driver.bench;

/**
 * One run of one piece of work.
 *
 * @param seconds from its begin to the end of the sync after it
 * @param bytes written to the disk in that time
 */
record Sample(double seconds, long bytes) {}
