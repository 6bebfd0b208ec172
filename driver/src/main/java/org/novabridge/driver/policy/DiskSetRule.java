package org.novabridge.driver.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.novabridge.driver.model.DiskAttribute;

/**
 * Which disks a guest has and where it sees them. Names are given in Nova's order: root, disk.local,
 * disk.eph0 …, disk.swap, volumes, disk.config; the document lists the config drive before the volumes. A guest that
 * is rescued has disk.rescue, disk and disk.config.rescue; in a stable rescue all its disks, and disk.rescue behind them.
 *
 * <p>Source: nova/virt/libvirt/blockinfo.py 26.2.2, _get_disk_mapping; driver.py
 * _get_guest_storage_config for the order of the document; _get_rescue_disk_mapping, _get_stable_device_rescue_mapping.
 */
public final class DiskSetRule implements PlacementRule {
    static final BusRule BUS = new BusRule();
    static final TargetDeviceRule TARGET = new TargetDeviceRule();
    static final BootOrderRule BOOT = new BootOrderRule();

    /** The disks before the other rules looked at them. */
    record DiskSet(
            List<DiskDraft> drafts,
            String rootDeviceName,
            String diskBus,
            String cdromBus,
            List<BootOrderRule.Booted> booted,
            Map<String, String> updates) {}

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.DEVICE, DiskAttribute.FILESYSTEM);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "Root disk unless the guest boots from a volume; disk.local when the flavor has ephemeral_gb and no "
                        + "ephemeral block device is given; ephemerals, swap, volumes; a config drive when it is asked for. "
                        + "Rescued: disk.rescue first, then the root disk and a config drive; with hw_rescue_device or "
                        + "hw_rescue_bus of the rescue image (stable) all disks, and disk.rescue last.",
                List.of(
                        "flavor ephemeral_gb",
                        "flavor swap",
                        "instance config_drive",
                        "image disk_format",
                        "image property img_config_drive",
                        "image property hw_rescue_device",
                        "[DEFAULT]force_config_drive",
                        "[DEFAULT]config_drive_format",
                        "block device device_type",
                        "block device guest_format"),
                "nova/virt/libvirt/blockinfo.py 26.2.2 _get_disk_mapping; virt/configdrive.py required_by");
    }

    DiskSet place(DiskContext context) {
        return new DiskPlacing(context).run();
    }
}
