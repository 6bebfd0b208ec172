package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.ErrorCode;

/**
 * Whether the guest may write: volumes by the access_mode of their connection (ro or rw), all other disks yes.
 *
 * <p>Source: nova/virt/libvirt/volume/volume.py 26.2.2, get_config; InvalidVolumeAccessMode for other values.
 */
public final class ReadOnlyRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.READ_ONLY);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "access_mode ro makes a volume read-only; all other disks can be written.",
                List.of("connection access_mode"),
                "nova/virt/libvirt/volume/volume.py 26.2.2 get_config");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        Object mode = draft.volume() ? draft.connectedVolume().connectionData().get("access_mode") : null;
        if (mode == null || mode.equals("")) {
            draft.decide(
                    this,
                    DiskAttribute.READ_ONLY,
                    Decision.of(false, "Nothing makes the disk read-only.", Origins.rule("default")));
            return;
        }
        if (!mode.equals("ro") && !mode.equals("rw")) {
            throw new BridgeException(
                    ErrorCode.INVALID_VOLUME_ACCESS_MODE,
                    "access_mode of volume " + draft.name() + " is neither ro nor rw",
                    "see the volume's attachment in Cinder");
        }
        draft.decide(
                this,
                DiskAttribute.READ_ONLY,
                Decision.of(mode.equals("ro"), "The connection says so.", Origins.connection("access_mode")));
    }
}
