package org.novabridge.driver.policy;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.ErrorCode;

/**
 * The name of a disk in the guest's scheme: a name that was chosen before is kept; else the prefix of
 * the bus (or {@code disk_prefix}) and the first letters that are free.
 *
 * <p>Source: nova/virt/libvirt/blockinfo.py 26.2.2, find_disk_dev_for_disk_bus; block_device.py
 * generate_device_name.
 */
public final class TargetDeviceRule implements PlacementRule {
    private static final int IDE_DEVICES = 4;

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.TARGET);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "A name chosen before is kept; else the prefix of the bus and the first free letters, up to "
                        + "4 on ide and max_disk_devices_to_attach elsewhere.",
                List.of("[libvirt]disk_prefix", "[compute]max_disk_devices_to_attach", "block device device_name"),
                "nova/virt/libvirt/blockinfo.py 26.2.2 find_disk_dev_for_disk_bus");
    }

    /** A name that Nova or the caller chose before. */
    Decision<String> kept(String bus, String name) {
        return Decision.of(
                name.startsWith("/dev/") ? name.substring("/dev/".length()) : name,
                "The name was chosen before and is kept." + inTheGuest(bus, name),
                Origins.blockDevice("device_name"));
    }

    /** The driver of the guest names disks, by their bus and in the order in which it finds them. */
    private static String inTheGuest(String bus, String name) {
        String prefix = name.replaceFirst("^/dev/", "").replaceFirst("[a-z]$", "");
        boolean virtio = bus.equals("virtio") && !prefix.startsWith("vd");
        boolean other = Set.of("scsi", "sata", "usb").contains(bus) && !prefix.startsWith("sd");
        return virtio || other
                ? " It only orders the disks: a guest names those on bus " + bus + " itself, " + (virtio ? "vd" : "sd")
                        + "a and so on."
                : "";
    }

    /**
     * The first free name on the bus.
     *
     * @param taken names without {@code /dev/} that may not be given
     */
    Decision<String> next(DiskContext context, String bus, Collection<String> taken) {
        String prefix = prefix(context, bus);
        int limit = limit(context, bus);
        for (int index = 0; limit < 0 || index < limit; index++) {
            String name = prefix + letters(index);
            if (!taken.contains(name)) {
                boolean forced =
                        context.config().find(LibvirtOptions.DISK_PREFIX).isPresent();
                return Decision.of(
                        name,
                        "The first free name with prefix " + prefix + (forced ? "." : " of bus " + bus + "."),
                        forced
                                ? Origins.option(context.config(), LibvirtOptions.DISK_PREFIX)
                                : Origins.rule("bus " + bus));
            }
        }
        throw new BridgeException(
                ErrorCode.TOO_MANY_DISK_DEVICES,
                "the guest has more disks than bus " + bus + " may carry: " + limit,
                bus.equals("ide")
                        ? "ide carries 4 disks; use another hw_disk_bus"
                        : "raise " + ComputeOptions.MAX_DISK_DEVICES_TO_ATTACH.display());
    }

    private static int limit(DiskContext context, String bus) {
        return bus.equals("ide") ? IDE_DEVICES : context.config().get(ComputeOptions.MAX_DISK_DEVICES_TO_ATTACH);
    }

    private static String prefix(DiskContext context, String bus) {
        String forced = context.config().find(LibvirtOptions.DISK_PREFIX).orElse("");
        if (!forced.isEmpty()) {
            return forced;
        }
        return switch (bus) {
            case "ide" -> "hd";
            case "virtio" -> "vd";
            case "scsi", "usb", "sata" -> "sd";
            case "fdc" -> "fd";
            default ->
                throw new BridgeException(
                        ErrorCode.UNKNOWN_DEVICE_NAME, "no device prefix is known for bus " + bus, null);
        };
    }

    /** a … z, aa … zz, aaa …, as the kernel counts disks. */
    static String letters(int index) {
        StringBuilder letters = new StringBuilder();
        for (int rest = index; rest >= 0; rest = rest / 26 - 1) {
            letters.insert(0, (char) ('a' + rest % 26));
        }
        return letters.toString();
    }

    /** Without a leading {@code /dev/}. */
    static @Nullable String strip(@Nullable String device) {
        return device == null ? null : device.startsWith("/dev/") ? device.substring("/dev/".length()) : device;
    }
}
