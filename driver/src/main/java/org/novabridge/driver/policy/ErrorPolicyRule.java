package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;

/**
 * What happens to the guest when a disk fails: stop, report, enospace. There is no ignore, which would lose writes in
 * silence. Only for disks that Nova makes and the guest writes.
 *
 * <p>Source: libvirt formatdomain, driver error_policy; QEMU's werror defaults to enospc, rerror to report.
 */
public final class ErrorPolicyRule implements DiskRule {
    private static final Written<String> POLICY =
            new Written<>(IoProfileOptions.ERROR_POLICY, LibvirtOptions.DISK_ERROR_POLICY);

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.ERROR_POLICY);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The error_policy of the profile, else disk_error_policy, on disks that Nova makes and the guest writes.",
                List.of("[io_profile:NAME]error_policy", "[libvirt]disk_error_policy"),
                "libvirt formatdomain driver error_policy");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.ERROR_POLICY, policy(context, draft));
    }

    private static Decision<String> policy(DiskContext context, DiskDraft draft) {
        if (!DiskDevice.localAndWritten(draft)) {
            return Written.unfit("Only for disks that Nova makes and the guest writes.", Origins.rule("role"));
        }
        return POLICY.find(context, draft.profile()).orElseGet(() -> POLICY.absent(context));
    }
}
