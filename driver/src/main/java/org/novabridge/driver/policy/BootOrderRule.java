package org.novabridge.driver.policy;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.DiskAttribute;

/**
 * Which disks the guest tries to boot from, and in which order: the root disk of an image first; block
 * devices by their boot_index. Nova writes {@code <os><boot dev=…>} by device type, not per disk.
 *
 * <p>Source: nova/virt/libvirt/blockinfo.py 26.2.2, get_root_info, get_info_from_bdm, get_boot_order
 * (which sorts the indexes as text). device_type lun boots as hd, as Nova does from release 31 on;
 * 26.2.2 fails with a KeyError (differences.md).
 */
public final class BootOrderRule implements PlacementRule {

    /** A disk with its boot index, for the order of boot devices. */
    record Booted(String deviceType, int bootIndex) {}

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.BOOT);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The root disk of an image has boot index 1; a block device has its boot_index plus one; "
                        + "<boot dev> lists the device types in the order of the indexes, sorted as text. Rescued: the "
                        + "firmware's own order, and in a stable rescue <boot order='1'/> of the rescue disk.",
                List.of("block device boot_index", "block device device_type"),
                "nova/virt/libvirt/blockinfo.py 26.2.2 get_boot_order");
    }

    Decision<Integer> imageRoot() {
        return Decision.of(1, "The root disk of an image boots first.", Origins.rule("default"));
    }

    Decision<Integer> blockDevice(BlockDevice device) {
        Integer index = device.bootIndex();
        if (index == null || index < 0) {
            return none();
        }
        return Decision.of(index + 1, "The block device has a boot_index.", Origins.blockDevice("boot_index"));
    }

    Decision<Integer> rescued() {
        return Decision.of(null, "The firmware of a rescued guest tries its first disk first.", Origins.rule("rescue"));
    }

    /** The only disk that says its order itself. */
    Decision<Integer> stableRescue() {
        return Decision.of(1, "The guest is rescued: it boots from this disk.", Origins.rule("rescue"));
    }

    Decision<Integer> none() {
        return Decision.of(null, "The guest does not boot from this disk.", Origins.rule("default"));
    }

    /** {@code <boot dev>} values in order, each once. */
    static List<String> devices(List<Booted> booted) {
        return booted.stream()
                .sorted(Comparator.comparing(b -> String.valueOf(b.bootIndex())))
                .map(b -> switch (b.deviceType()) {
                    case "cdrom" -> "cdrom";
                    case "floppy" -> "fd";
                    default -> "hd";
                })
                .distinct()
                .toList();
    }
}
