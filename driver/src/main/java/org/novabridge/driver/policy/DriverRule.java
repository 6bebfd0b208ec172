package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;

/**
 * The name of libvirt's driver: qemu for kvm and qemu guests. Nova writes none for its own rbd disks.
 *
 * <p>Source: nova/virt/libvirt/imagebackend.py 26.2.2, Image.libvirt_info and Rbd.libvirt_info; volume/volume.py.
 */
public final class DriverRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.DRIVER);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "qemu for kvm and qemu guests; none for the disks that Nova itself puts on rbd.",
                List.of("[libvirt]virt_type"),
                "nova/virt/libvirt/imagebackend.py 26.2.2 libvirt_info");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        boolean named = context.qemu() && !draft.needText(DiskAttribute.BACKEND).equals("rbd");
        draft.decide(
                this,
                DiskAttribute.DRIVER,
                named
                        ? Decision.of(
                                "qemu",
                                "QEMU serves the disk.",
                                Origins.option(context.config(), LibvirtOptions.VIRT_TYPE))
                        : Decision.of(null, "Nova names no driver for its rbd disks.", Origins.rule("rbd")));
    }
}
