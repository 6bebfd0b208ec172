package org.novabridge.driver.hypervisor;

/**
 * A disk whose error has stopped its guest; QEMU remembers it until the guest goes on.
 *
 * @param target the disk's name in the guest ({@code vda})
 * @param noSpace what is below had no space for a write, which is sent again when the guest goes on
 */
public record DiskError(String target, boolean noSpace) {}
