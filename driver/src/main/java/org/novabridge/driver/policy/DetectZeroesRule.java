package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;

/**
 * What QEMU does with zeroes that the guest writes: off writes them, on turns them into the storage's own way of zeroing,
 * unmap gives their space back. Only for disks that Nova makes and the guest writes. unmap needs discard=unmap.
 *
 * <p>Source: QEMU refuses detect-zeroes=unmap without discard=unmap; libvirt writes on instead (formatdomain).
 */
public final class DetectZeroesRule implements DiskRule {
    private static final Written<String> ZEROES =
            new Written<>(IoProfileOptions.DETECT_ZEROES, LibvirtOptions.DISK_DETECT_ZEROES);

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.DETECT_ZEROES);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The detect_zeroes of the profile, else disk_detect_zeroes, on disks that Nova makes and the guest writes; unmap becomes on where discard is not unmap.",
                List.of("[io_profile:NAME]detect_zeroes", "[libvirt]disk_detect_zeroes", "attribute discard"),
                "libvirt formatdomain driver detect_zeroes; QEMU block layer");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.DETECT_ZEROES, mode(context, draft));
    }

    private static Decision<String> mode(DiskContext context, DiskDraft draft) {
        if (!DiskDevice.localAndWritten(draft)) {
            return Written.unfit("Only for disks that Nova makes and the guest writes.", Origins.rule("role"));
        }
        return ZEROES.find(context, draft.profile())
                .map(written -> fit(draft, written))
                .orElseGet(() -> ZEROES.absent(context));
    }

    private static Decision<String> fit(DiskDraft draft, Decision<String> written) {
        if (!written.get().equals("unmap") || "unmap".equals(draft.text(DiskAttribute.DISCARD))) {
            return written;
        }
        return Written.resolved(
                written,
                "on",
                "unmap was asked for, but the disk does not discard, without which QEMU refuses it.",
                Origins.rule("discard=" + draft.text(DiskAttribute.DISCARD)));
    }
}
