package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.driver.model.DiskAttribute;

/**
 * Whether several guests may open the disk at once: only volumes that Cinder attached with multiattach.
 *
 * <p>Source: nova/virt/libvirt/volume/volume.py 26.2.2, get_config.
 */
public final class ShareableRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.SHAREABLE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "Only volumes attached with multiattach are shareable.",
                List.of("connection multiattach"),
                "nova/virt/libvirt/volume/volume.py 26.2.2 get_config");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        boolean shared = draft.volume()
                && VolumeKind.truthy(draft.connectedVolume().connectionInfo().get("multiattach"));
        draft.decide(
                this,
                DiskAttribute.SHAREABLE,
                shared
                        ? Decision.of(
                                true, "Cinder attached the volume with multiattach.", Origins.connection("multiattach"))
                        : Decision.of(false, "One guest has the disk for itself.", Origins.rule("default")));
    }
}
