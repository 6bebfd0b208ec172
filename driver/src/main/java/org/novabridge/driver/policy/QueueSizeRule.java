package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskFeature;

/**
 * How many requests fit into a queue of a virtio-blk disk: a power of two up to 1024.
 *
 * <p>Source: libvirt formatdomain, driver queue_size (7.8); virtio-scsi has no such attribute.
 */
public final class QueueSizeRule implements DiskRule {
    private static final Written<Integer> SIZE =
            new Written<>(IoProfileOptions.QUEUE_SIZE, LibvirtOptions.DISK_QUEUE_SIZE);

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.QUEUE_SIZE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The queue_size of the profile, else disk_queue_size, on virtio-blk disks; refused with libvirt before 7.8.",
                List.of(
                        "[io_profile:NAME]queue_size",
                        "[libvirt]disk_queue_size",
                        "attribute bus",
                        "host fact libvirt_version"),
                "libvirt formatdomain driver queue_size");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.QUEUE_SIZE, size(context, draft));
    }

    private static Decision<Integer> size(DiskContext context, DiskDraft draft) {
        if (DiskDevice.of(context, draft) != DiskDevice.VIRTIO_BLK) {
            String bus = draft.needText(DiskAttribute.BUS);
            return Written.unfit("libvirt sizes no queues on bus " + bus + ".", Origins.rule("bus " + bus));
        }
        return SIZE.find(context, draft.profile())
                .map(written -> Written.demand(context, written, DiskFeature.QUEUE_SIZE))
                .orElseGet(() -> SIZE.absent(context));
    }
}
