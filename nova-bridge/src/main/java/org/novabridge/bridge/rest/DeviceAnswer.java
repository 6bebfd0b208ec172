package org.novabridge.bridge.rest;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.LiveDevice;

/**
 * Where a disk or an interface of a guest is.
 *
 * @param kind disk or interface
 * @param name of a disk in the guest ({@code vda}), or the MAC address of an interface
 * @param serial of a disk: Cinder's id of a volume
 * @param bus pci, scsi, ide or usb; null for others
 * @param address on the PCI bus; null on others
 */
record DeviceAnswer(
        String kind,
        String name,
        @Nullable String serial,
        @Nullable String bus,
        @Nullable String address) {
    static DeviceAnswer of(LiveDevice device) {
        return new DeviceAnswer(
                device.kind().name().toLowerCase(Locale.ROOT),
                device.name(),
                device.serial(),
                device.bus(),
                device.address());
    }
}
