package org.novabridge.driver.policy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;

/**
 * Whether the guest's discard reaches the storage: hw_disk_discard for all disks that Nova makes; unmap for volumes
 * whose connection says discard.
 *
 * <p>Source: nova/virt/libvirt/imagebackend.py 26.2.2 (discard_mode); volume/volume.py get_config. virtio-blk has discard
 * since QEMU 4.0, older than any that Nova starts with, and Linux 5.0; dm-thin frees whole chunks (thin-provisioning.txt).
 */
public final class DiscardRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.DISCARD);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "For disks that Nova makes the discard of the profile, else hw_disk_discard; unmap for volumes whose connection says discard.",
                List.of("[io_profile:NAME]discard", "[libvirt]hw_disk_discard", "connection discard"),
                "nova/virt/libvirt/imagebackend.py 26.2.2; volume/volume.py");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        Decision<String> mode = discard(context, draft);
        draft.decide(
                this,
                DiskAttribute.DISCARD,
                "unmap".equals(mode.value()) && !draft.volume()
                        ? new Decision<>("unmap", mode.origins(), mode.sentence() + freed(draft) + fromGuest(draft))
                        : mode);
    }

    private static Decision<String> discard(DiskContext context, DiskDraft draft) {
        if (draft.volume()) {
            return Boolean.TRUE.equals(draft.connectedVolume().connectionData().get("discard"))
                    ? Decision.of("unmap", "The connection says that discard works.", Origins.connection("discard"))
                    : Decision.of(null, "The connection does not ask for discard.", Origins.connection("discard"));
        }
        Optional<Decision<String>> profiles = draft.profile()
                .flatMap(profile -> profile.says(IoProfileOptions.DISCARD)
                        .map(mode -> new Decision<>(
                                mode,
                                profile.origins(IoProfileOptions.DISCARD),
                                "The profile " + profile.name() + " sets it.")));
        return profiles.orElseGet(() -> ofOption(context));
    }

    /** What the storage gets back of what a guest discards. */
    private static String freed(DiskDraft draft) {
        return switch (draft.needText(DiskAttribute.BACKEND)) {
            case "raw", "qcow2" -> " The file gives discarded blocks back to its file system.";
            case "lvm" ->
                " It gives nothing back to the volume group: a thick volume keeps its extents, and only the device"
                        + " below them learns of it.";
            case "lvm-thin" ->
                " Whole chunks go back to the thin pool, unless its --discards is ignore; a smaller discard"
                        + " gives nothing back.";
            case "lvm-crypt", "lvm-thin-crypt" -> " It gives nothing back: dm-crypt does not pass discards on.";
            case "rbd" -> " The cluster gets discarded objects back.";
            default -> "";
        };
    }

    /** Whether the guest's driver sends it at all. */
    private static String fromGuest(DiskDraft draft) {
        return switch (draft.needText(DiskAttribute.BUS)) {
            case "virtio" -> " On bus virtio a guest discards from Linux 5.0 on.";
            case "usb", "fdc" -> " Few guests discard on bus " + draft.needText(DiskAttribute.BUS) + ".";
            default -> "";
        };
    }

    private static Decision<String> ofOption(DiskContext context) {
        String mode = context.config().find(LibvirtOptions.HW_DISK_DISCARD).orElse(null);
        return Decision.of(
                mode,
                mode == null ? "hw_disk_discard is not set, so QEMU's default stands." : "hw_disk_discard sets it.",
                Origins.option(context.config(), LibvirtOptions.HW_DISK_DISCARD));
    }
}
