package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskFeature;

/**
 * Whether discarded clusters of a qcow2 disk keep their place in the file, so that writing them again does not scatter
 * them. Only qcow2 has clusters.
 *
 * <p>Source: libvirt formatdomain, driver discard_no_unref (9.5; QEMU 8.1).
 */
public final class DiscardNoUnrefRule implements DiskRule {
    private static final Written<Boolean> NO_UNREF =
            new Written<>(IoProfileOptions.DISCARD_NO_UNREF, LibvirtOptions.DISK_DISCARD_NO_UNREF);

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.DISCARD_NO_UNREF);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The discard_no_unref of the profile, else disk_discard_no_unref, on qcow2 disks that Nova makes and the guest writes; refused with libvirt before 9.5 or QEMU before 8.1.",
                List.of(
                        "[io_profile:NAME]discard_no_unref",
                        "[libvirt]disk_discard_no_unref",
                        "attribute format",
                        "host fact libvirt_version",
                        "host fact qemu_version"),
                "libvirt formatdomain driver discard_no_unref");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.DISCARD_NO_UNREF, noUnref(context, draft));
    }

    private static Decision<Boolean> noUnref(DiskContext context, DiskDraft draft) {
        String format = draft.text(DiskAttribute.FORMAT);
        if (!DiskDevice.localAndWritten(draft) || !"qcow2".equals(format)) {
            return Written.unfit(
                    "Only for qcow2 disks that Nova makes and the guest writes.", Origins.rule("format " + format));
        }
        return NO_UNREF.find(context, draft.profile())
                .map(written -> Written.demand(context, written, DiskFeature.DISCARD_NO_UNREF))
                .orElseGet(() -> NO_UNREF.absent(context));
    }
}
