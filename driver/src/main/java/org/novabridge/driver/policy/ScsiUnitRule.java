package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskDefinition.DriveAddress;

/**
 * The unit of each disk on a virtio-scsi controller, counted in the order of the document from 0; a
 * guest booted from a volume starts at 1 and its root volume has 0. Without {@code
 * hw_scsi_model=virtio-scsi} libvirt gives the addresses.
 *
 * <p>Source: nova/virt/libvirt/driver.py 26.2.2, _get_guest_storage_config, _get_guest_disk_config
 * (bugs 1792077, 1686116). Nova counts every volume, also those on another bus.
 */
public final class ScsiUnitRule implements DiskListRule {
    private static final String VIRTIO_SCSI = "virtio-scsi";

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.ADDRESS);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "With hw_scsi_model=virtio-scsi each disk on bus scsi has a unit on controller 0, in the order of the "
                        + "document; the root volume of a guest booted from a volume has unit 0.",
                List.of("image property hw_scsi_model", "block device boot_index"),
                "nova/virt/libvirt/driver.py 26.2.2 _get_guest_storage_config");
    }

    /** Model of the SCSI controller that the image asks for; null when the domain gets none. */
    static @Nullable String model(DiskContext context) {
        String model = context.imageProperty("hw_scsi_model");
        return model == null || model.isEmpty() ? null : model;
    }

    @Override
    public void apply(DiskContext context, List<DiskDraft> drafts) {
        boolean numbered = VIRTIO_SCSI.equals(model(context));
        boolean bootedFromVolume = drafts.stream().anyMatch(ScsiUnitRule::rootVolume);
        int next = bootedFromVolume ? 1 : 0;
        for (DiskDraft draft : drafts) {
            boolean scsi = "scsi".equals(draft.needText(DiskAttribute.BUS));
            if (!numbered) {
                draft.decide(
                        id(),
                        DiskAttribute.ADDRESS,
                        Decision.of(
                                null,
                                "Without hw_scsi_model=virtio-scsi libvirt chooses the address.",
                                Origins.imageProperty("hw_scsi_model")));
                continue;
            }
            int unit;
            if (rootVolume(draft)) {
                unit = 0;
            } else if (scsi || draft.volume()) {
                unit = next++;
            } else {
                unit = -1;
            }
            draft.decide(
                    id(),
                    DiskAttribute.ADDRESS,
                    scsi
                            ? Decision.of(
                                    new DriveAddress(0, unit),
                                    "Disks on virtio-scsi are numbered in the order of the document.",
                                    Origins.imageProperty("hw_scsi_model"))
                            : Decision.of(
                                    null,
                                    "The disk is not on the SCSI controller.",
                                    Origins.imageProperty("hw_scsi_model")));
        }
    }

    private static boolean rootVolume(DiskDraft draft) {
        return draft.volume()
                && Integer.valueOf(0).equals(draft.connectedVolume().bootIndex());
    }
}
