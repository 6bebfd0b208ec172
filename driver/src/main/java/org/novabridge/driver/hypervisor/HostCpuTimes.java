package org.novabridge.driver.hypervisor;

/**
 * What the processors of a host have done since its start, all together, in nanoseconds.
 *
 * @param kernel of the kernel, with interrupts
 * @param iowait idle while a disk was waited for
 * @param mhz today's frequency of a processor
 */
public record HostCpuTimes(long kernel, long user, long idle, long iowait, int mhz) {}
