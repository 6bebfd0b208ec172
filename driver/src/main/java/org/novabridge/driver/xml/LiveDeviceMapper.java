package org.novabridge.driver.xml;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.LiveDevice;

/** The beans of disks and interfaces to what a guest is told of their places. */
final class LiveDeviceMapper {
    /** Buses that Nova has a name for beside PCI. */
    private static final Set<String> BUSES = Set.of("scsi", "ide", "usb");

    private LiveDeviceMapper() {}

    static List<LiveDevice> devices(DomainBean bean) {
        List<LiveDevice> found = new ArrayList<>();
        List<DevicesBean.Device> all = bean.devices == null ? List.of() : bean.devices.list;
        for (DevicesBean.Device device : all) {
            if (device instanceof DiskBeans.Disk disk && disk.target != null && disk.target.dev != null) {
                String pci = pci(disk.address);
                String bus = disk.target.bus;
                found.add(new LiveDevice(
                        LiveDevice.Kind.DISK,
                        disk.target.dev,
                        disk.serial,
                        pci != null ? "pci" : bus != null && BUSES.contains(bus) ? bus : null,
                        pci));
            } else if (device instanceof InterfaceBeans.Interface port
                    && port.mac != null
                    && port.mac.address != null) {
                String pci = pci(port.address);
                found.add(new LiveDevice(
                        LiveDevice.Kind.INTERFACE,
                        port.mac.address.toLowerCase(Locale.ROOT),
                        null,
                        pci == null ? null : "pci",
                        pci));
            }
        }
        return found;
    }

    private static @Nullable String pci(DiskBeans.@Nullable Address address) {
        return address == null || !"pci".equals(address.type)
                ? null
                : digits(address.domain) + ":" + digits(address.bus) + ":" + digits(address.slot) + "."
                        + digits(address.function);
    }

    /** Without the 0x before them. */
    private static String digits(@Nullable String number) {
        return number == null ? "" : number.startsWith("0x") ? number.substring(2) : number;
    }
}
