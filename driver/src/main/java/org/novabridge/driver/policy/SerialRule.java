package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;

/**
 * The serial number the guest sees: the volume id for volumes, none for the disks that Nova makes unless the operator
 * wants one. It names no disk to us.
 *
 * <p>Source: nova/virt/libvirt/volume/volume.py 26.2.2, get_config.
 */
public final class SerialRule implements DiskRule {
    private static final Written<Boolean> WANTED = new Written<>(IoProfileOptions.SERIAL, LibvirtOptions.DISK_SERIAL);

    /** As many characters as virtio-blk and ATA have room for. */
    private static final int MOST = 20;

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.SERIAL);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The serial of the connection (the volume id) for volumes; for the disks that Nova makes none, or with serial of the profile, else disk_serial, the beginning of the instance's uuid and the disk's name.",
                List.of("connection serial", "[io_profile:NAME]serial", "[libvirt]disk_serial"),
                "nova/virt/libvirt/volume/volume.py 26.2.2 get_config");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.SERIAL, draft.volume() ? ofVolume(draft) : ofLocal(context, draft));
    }

    private static Decision<String> ofVolume(DiskDraft draft) {
        Object serial = draft.connectedVolume().connectionInfo().get("serial");
        return serial == null
                ? Decision.of(null, "The connection has no serial number.", Origins.connection("serial"))
                : Decision.of(
                        String.valueOf(serial), "The serial number is the volume id.", Origins.connection("serial"));
    }

    private static Decision<String> ofLocal(DiskContext context, DiskDraft draft) {
        Decision<Boolean> written = WANTED.find(context, draft.profile()).orElseThrow();
        if (!written.get()) {
            return Decision.of(null, "Disks that Nova makes have no serial number.", Origins.rule("default"));
        }
        String name = draft.name().equals("disk") ? "root" : draft.name().replaceFirst("^disk\\.", "");
        String digits = context.spec().instance().uuid().replace("-", "");
        String serial = digits.substring(0, MOST - 1 - name.length()) + "-" + name;
        return Written.resolved(
                written, serial, written.sentence() + " It begins like the instance's uuid.", Origins.instance("uuid"));
    }
}
