package org.novabridge.driver.policy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;

/**
 * How many queues a virtio disk has; on virtio-scsi all disks use those of their controller, which are the guest's
 * choice. More queues than virtual processors serve nobody.
 *
 * <p>Source: libvirt formatdomain, driver queues (3.9); QEMU gives one per virtual processor by itself since its machine
 * types of 5.2.
 */
public final class QueuesRule implements DiskRule {
    private static final Written<String> QUEUES = new Written<>(IoProfileOptions.QUEUES, LibvirtOptions.DISK_QUEUES);

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.QUEUES);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The queues of the profile, else disk_queues, at most as many as virtual processors; auto is just as many. On virtio-scsi the controller has them. None on other buses.",
                List.of("[io_profile:NAME]queues", "[libvirt]disk_queues", "flavor vcpus", "attribute bus"),
                "libvirt formatdomain driver queues");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.QUEUES, queues(context, draft));
    }

    private static Decision<DeviceNumber> queues(DiskContext context, DiskDraft draft) {
        DiskDevice device = DiskDevice.of(context, draft);
        if (device == DiskDevice.EMULATED) {
            String bus = draft.needText(DiskAttribute.BUS);
            return Written.unfit("A disk on bus " + bus + " has no queues.", Origins.rule("bus " + bus));
        }
        boolean controller = device == DiskDevice.VIRTIO_SCSI;
        Optional<IoProfile> profile =
                controller ? IoProfileRule.ofGuest(context).optional() : draft.profile();
        return QUEUES.find(context, profile)
                .map(written -> number(context, written, controller))
                .orElseGet(() -> QUEUES.absent(context));
    }

    private static Decision<DeviceNumber> number(DiskContext context, Decision<String> written, boolean controller) {
        int vcpus = context.spec().instance().flavor().vcpus();
        int asked = written.get().equals("auto") ? vcpus : Integer.parseInt(written.get());
        DeviceNumber queues = new DeviceNumber(Math.min(asked, vcpus), controller);
        String whose = controller ? " They are the SCSI controller's." : "";
        if (written.get().equals("auto")) {
            return Written.resolved(
                    written, queues, "auto: one queue for each virtual processor." + whose, Origins.flavor("vcpus"));
        }
        return asked > vcpus
                ? Written.resolved(
                        written,
                        queues,
                        asked + " are asked for, and more than one per virtual processor serve nobody." + whose,
                        Origins.flavor("vcpus"))
                : Written.resolved(written, queues, written.sentence() + whose);
    }
}
