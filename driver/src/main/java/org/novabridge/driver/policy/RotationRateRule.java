package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskFeature;

/**
 * What a disk tells the guest of its rotation, by which guests choose scheduler and read-ahead: 1 says that it does not
 * rotate. Disks on scsi, sata and ide can tell it; virtio-blk cannot.
 *
 * <p>Source: libvirt formatdomain, target rotation_rate (7.3).
 */
public final class RotationRateRule implements DiskRule {
    private static final Written<Integer> RATE =
            new Written<>(IoProfileOptions.ROTATION_RATE, LibvirtOptions.DISK_ROTATION_RATE);
    private static final Set<String> TELLING = Set.of("scsi", "sata", "ide");

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.ROTATION_RATE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The rotation_rate of the profile, else disk_rotation_rate, on disks (no CD-ROMs) that Nova makes on the buses scsi, sata and ide; refused with libvirt before 7.3.",
                List.of(
                        "[io_profile:NAME]rotation_rate",
                        "[libvirt]disk_rotation_rate",
                        "attribute bus",
                        "host fact libvirt_version"),
                "libvirt formatdomain target rotation_rate");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.ROTATION_RATE, rate(context, draft));
    }

    private static Decision<Integer> rate(DiskContext context, DiskDraft draft) {
        String bus = draft.needText(DiskAttribute.BUS);
        if (draft.volume()
                || !TELLING.contains(bus)
                || !draft.needText(DiskAttribute.DEVICE).equals("disk")) {
            return Written.unfit(
                    "Only disks that Nova makes on scsi, sata or ide tell of their rotation.",
                    Origins.rule("bus " + bus));
        }
        return RATE.find(context, draft.profile())
                .map(written -> Written.demand(context, written, DiskFeature.ROTATION_RATE))
                .orElseGet(() -> RATE.absent(context));
    }
}
