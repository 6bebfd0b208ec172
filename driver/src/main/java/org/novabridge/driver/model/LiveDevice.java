package org.novabridge.driver.model;

import org.jspecify.annotations.Nullable;

/**
 * A disk or a network interface of an existing guest, and where libvirt has put it, as Nova tells guests of it
 * (nova/virt/libvirt/driver.py 26.2.2, _prepare_device_bus).
 *
 * @param name the disk's name in the guest ({@code vda}), or the interface's MAC address
 * @param serial of a disk: Cinder's id of a volume
 * @param bus pci, scsi, ide or usb; null for one on another bus, and for one that has no address yet
 * @param address on the PCI bus ({@code 0000:00:03.0}); null on the others
 */
public record LiveDevice(
        Kind kind,
        String name,
        @Nullable String serial,
        @Nullable String bus,
        @Nullable String address) {
    /** What it is. */
    public enum Kind {
        DISK,
        INTERFACE
    }
}
