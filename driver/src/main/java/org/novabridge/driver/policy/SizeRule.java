package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.Instance;

/**
 * How large a new disk is, in bytes: root_gb of the flavor (0 keeps the size of the image), ephemeral_gb or the
 * size of the ephemeral block device in GiB, swap in MiB. Volumes, config drives and rescue disks have their own size.
 *
 * <p>Source: nova/virt/libvirt/driver.py 26.2.2, _create_image.
 */
public final class SizeRule implements DiskRule {
    private static final long MIB = 1024L * 1024;
    private static final long GIB = 1024 * MIB;

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.SIZE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "root_gb in GiB (0: size of the image), ephemeral_gb or the block device in GiB, swap in MiB; none for volumes, config drives and rescue disks.",
                List.of(
                        "flavor root_gb",
                        "flavor ephemeral_gb",
                        "flavor swap",
                        "block device size",
                        "block device swap_size"),
                "nova/virt/libvirt/driver.py 26.2.2 _create_image");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.SIZE, size(context, draft));
    }

    private static Decision<Long> size(DiskContext context, DiskDraft draft) {
        Instance instance = context.spec().instance();
        BlockDevice device = draft.blockDevice();
        return switch (draft.role()) {
            case ROOT -> {
                int rootGb = instance.flavor().rootGb();
                yield rootGb == 0
                        ? Decision.of(null, "root_gb 0 keeps the size of the image.", Origins.flavor("root_gb"))
                        : Decision.of(rootGb * GIB, "root_gb of the flavor.", Origins.flavor("root_gb"));
            }
            case EPHEMERAL ->
                device != null
                        ? Decision.of(device.size() * GIB, "The size of the block device.", Origins.blockDevice("size"))
                        : Decision.of(
                                instance.ephemeralGb() * GIB,
                                "ephemeral_gb of the flavor.",
                                Origins.flavor("ephemeral_gb"));
            case SWAP ->
                device != null
                        ? Decision.of(
                                device.size() * MIB, "The size of the block device.", Origins.blockDevice("swap_size"))
                        : Decision.of(instance.flavor().swapMb() * MIB, "swap of the flavor.", Origins.flavor("swap"));
            case CONFIG_DRIVE ->
                Decision.of(null, "A config drive is as large as its contents.", Origins.rule("default"));
            case RESCUE -> Decision.of(null, "A rescue disk is as large as its image.", Origins.rule("default"));
            case VOLUME -> Decision.of(null, "Cinder made the volume.", Origins.rule("default"));
        };
    }
}
