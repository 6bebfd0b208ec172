package org.novabridge.driver.policy;

/**
 * What the bridge wrote down when it made a disk. It wins over today's configuration: a host that
 * changes {@code images_type} goes on finding the disks of its guests.
 *
 * @param backend raw, qcow2, lvm, rbd
 * @param format format of the driver element
 */
public record RecordedDisk(String backend, String format) {}
