package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.driver.model.DiskAttribute;

/**
 * The serial number the guest sees: the volume id for volumes, none for the disks that Nova makes.
 *
 * <p>Source: nova/virt/libvirt/volume/volume.py 26.2.2, get_config.
 */
public final class SerialRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.SERIAL);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The serial of the connection (the volume id) for volumes; none for the disks that Nova makes.",
                List.of("connection serial"),
                "nova/virt/libvirt/volume/volume.py 26.2.2 get_config");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        Object serial =
                draft.volume() ? draft.connectedVolume().connectionInfo().get("serial") : null;
        draft.decide(
                this,
                DiskAttribute.SERIAL,
                serial == null
                        ? Decision.of(null, "Disks that Nova makes have no serial number.", Origins.rule("default"))
                        : Decision.of(
                                String.valueOf(serial),
                                "The serial number is the volume id.",
                                Origins.connection("serial")));
    }
}
