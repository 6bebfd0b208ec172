package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.RescueSpec;

/**
 * The bus of a disk. A block device's own bus wins when QEMU has it; else the bus follows from a device
 * name that was chosen before; else the image property {@code hw_<type>_bus}; else virtio for disks,
 * fdc for floppies, and for CD-ROMs ide, sata (q35) or scsi (ARM, POWER, s390). The disk of a stable rescue is asked of
 * the rescue image.
 *
 * <p>Source: nova/virt/libvirt/blockinfo.py 26.2.2, get_disk_bus_for_device_type,
 * get_info_from_bdm and get_rescue_bus. Nova asks libosinfo by os_distro before the default; we do not (differences.md).
 */
public final class BusRule implements PlacementRule {
    /** Buses that Nova lets a QEMU guest have. */
    static final Set<String> SUPPORTED = Set.of("virtio", "scsi", "ide", "usb", "fdc", "sata");

    private static final Set<String> SCSI_CDROM_ARCHITECTURES =
            Set.of("ppc", "ppc64", "ppcle", "ppc64le", "s390", "s390x", "aarch64");

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.BUS);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The block device's own bus; else by a device name chosen before; else hw_<type>_bus of the image; "
                        + "else virtio for disks, and for CD-ROMs ide, sata on q35, scsi on ARM, POWER and s390.",
                List.of(
                        "image property hw_disk_bus",
                        "image property hw_cdrom_bus",
                        "image property hw_floppy_bus",
                        "image property hw_rescue_bus",
                        "image property hw_machine_type",
                        "image property hw_architecture",
                        "[libvirt]hw_machine_type",
                        "host fact arch",
                        "block device disk_bus"),
                "nova/virt/libvirt/blockinfo.py 26.2.2 get_disk_bus_for_device_type, get_info_from_bdm, get_rescue_bus");
    }

    /** The bus for a device type (disk, cdrom, floppy, lun) that nobody asked a bus for. */
    Decision<String> forDeviceType(DiskContext context, String deviceType) {
        requireQemu(context);
        String property = "hw_" + deviceType + "_bus";
        String wanted = context.imageProperty(property);
        if (wanted != null) {
            if (!SUPPORTED.contains(wanted)) {
                throw new BridgeException(
                        ErrorCode.UNSUPPORTED_HARDWARE,
                        "the image property " + property + "=" + wanted + " is no bus that virt_type="
                                + context.virtType() + " has",
                        "use one of fdc, ide, sata, scsi, usb, virtio");
            }
            return Decision.of(wanted, "The image asks for this bus.", Origins.imageProperty(property));
        }
        return switch (deviceType) {
            case "cdrom" -> cdrom(context);
            case "disk" ->
                Decision.of(
                        "virtio",
                        "Disks are on virtio unless the image or the volume asks otherwise.",
                        Origins.rule("default"));
            case "floppy" -> Decision.of("fdc", "Floppies are on the floppy controller.", Origins.rule("default"));
            default ->
                throw new BridgeException(
                        ErrorCode.UNSUPPORTED_HARDWARE,
                        "no bus is known for device_type=" + deviceType,
                        "give the block device a disk_bus");
        };
    }

    private static Decision<String> cdrom(DiskContext context) {
        String arch = Machine.arch(context);
        if (SCSI_CDROM_ARCHITECTURES.contains(arch)) {
            return Decision.of(
                    "scsi",
                    "CD-ROMs are on scsi for guests of architecture " + arch + ".",
                    Machine.archOrigin(context));
        }
        String machine = Machine.type(context);
        if (machine != null && machine.contains("q35")) {
            return Decision.of(
                    "sata", "CD-ROMs are on sata on a q35 machine, which has no ide.", Machine.typeOrigin(context));
        }
        return Decision.of("ide", "CD-ROMs are on ide on a pc machine.", Machine.typeOrigin(context));
    }

    /**
     * The bus of the disk that a stable rescue puts behind the others.
     *
     * @throws BridgeException UNSUPPORTED_RESCUE_BUS
     */
    Decision<String> forRescueDisk(DiskContext context, RescueSpec rescue, String deviceType) {
        String wanted =
                ImageProperties.of(rescue.imageMeta()).find(RescueSpec.BUS).orElse(null);
        if (wanted == null) {
            return forDeviceType(context.withImage(rescue.imageMeta()), deviceType);
        }
        if (!SUPPORTED.contains(wanted)) {
            throw new BridgeException(
                    ErrorCode.UNSUPPORTED_RESCUE_BUS,
                    "the property " + RescueSpec.BUS + "=" + Quoted.text(wanted)
                            + " of the rescue image is no bus that virt_type=" + context.virtType() + " has",
                    "use one of fdc, ide, sata, scsi, usb, virtio");
        }
        return Decision.of(wanted, "The rescue image asks for this bus.", Origins.imageProperty(RescueSpec.BUS));
    }

    /**
     * The bus of a block device.
     *
     * @param fallback bus of the instance's disks, asked before the guesses; null for volumes
     */
    Decision<String> forBlockDevice(
            DiskContext context, BlockDevice device, String deviceType, @Nullable Decision<String> fallback) {
        requireQemu(context);
        String own = device.diskBus();
        if (own != null && !own.isEmpty()) {
            if (SUPPORTED.contains(own)) {
                return Decision.of(own, "The block device asks for this bus.", Origins.blockDevice("disk_bus"));
            }
        } else if (fallback != null) {
            return fallback;
        }
        String name = TargetDeviceRule.strip(device.deviceName());
        if (name != null && !name.isEmpty()) {
            return Decision.of(
                    byPrefix(name),
                    "The bus follows from the device name that was chosen before.",
                    Origins.blockDevice("device_name"));
        }
        return forDeviceType(context, deviceType);
    }

    private static String byPrefix(String name) {
        if (name.startsWith("hd")) {
            return "ide";
        }
        if (name.startsWith("sd")) {
            return "scsi";
        }
        if (name.startsWith("vd")) {
            return "virtio";
        }
        if (name.startsWith("fd")) {
            return "fdc";
        }
        throw new BridgeException(
                ErrorCode.UNKNOWN_DEVICE_NAME,
                "no disk bus follows from the device name '" + name + "'",
                "name it hd…, sd…, vd… or fd…, or give the block device a disk_bus");
    }

    private static void requireQemu(DiskContext context) {
        if (!context.qemu()) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    LibvirtOptions.VIRT_TYPE.display() + " = " + context.virtType() + " at "
                            + context.config()
                                    .resolve(LibvirtOptions.VIRT_TYPE)
                                    .origin()
                                    .describe()
                            + " is not supported",
                    "use kvm or qemu");
        }
    }
}
