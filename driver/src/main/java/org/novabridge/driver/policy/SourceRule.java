package org.novabridge.driver.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.HostFact;

/**
 * Where the blocks are: a file in the folder of the instance (raw, qcow2), a logical volume named after instance and
 * disk (lvm) or its mapping where it is encrypted, an rbd image, or what the connection of a volume names.
 *
 * <p>Source: nova/virt/libvirt/imagebackend.py 26.2.2 (Flat, Qcow2, Lvm, Rbd); nova/virt/libvirt/volume.
 */
public final class SourceRule implements DiskRule {
    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.SOURCE);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "<instances_path>/<uuid>/<disk> for raw and qcow2; /dev/<images_volume_group>/<uuid>_<disk> for lvm and lvm-thin; /dev/mapper/<uuid>_<disk>-dmcrypt for the encrypted ones; <images_rbd_pool>/<uuid>_<disk> for rbd; the connection of a volume.",
                List.of(
                        "[DEFAULT]instances_path",
                        "[libvirt]images_volume_group",
                        "[libvirt]images_rbd_pool",
                        "host fact rbd_monitors",
                        "connection device_path",
                        "connection name"),
                "nova/virt/libvirt/imagebackend.py 26.2.2; volume/*.py");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.SOURCE, source(context, draft));
    }

    private static Decision<DiskSource> source(DiskContext context, DiskDraft draft) {
        String uuid = context.spec().instance().uuid();
        return switch (draft.needText(DiskAttribute.BACKEND)) {
            case "volume" -> VolumeKind.of(draft.connectedVolume()).source(draft.connectedVolume());
            case "lvm-crypt", "lvm-thin-crypt" ->
                Decision.of(
                        new DiskSource.BlockSource(Path.of("/dev/mapper", volume(uuid, draft) + "-dmcrypt")),
                        "The mapping of dm-crypt on a logical volume named after the instance and the disk.",
                        Origins.option(context.config(), LibvirtOptions.IMAGES_VOLUME_GROUP));
            case "lvm", "lvm-thin" ->
                Decision.of(
                        new DiskSource.BlockSource(Path.of(
                                "/dev", context.config().get(LibvirtOptions.IMAGES_VOLUME_GROUP), volume(uuid, draft))),
                        "A logical volume named after the instance and the disk.",
                        Origins.option(context.config(), LibvirtOptions.IMAGES_VOLUME_GROUP));
            case "rbd" ->
                Decision.of(
                        new DiskSource.NetworkSource(
                                "rbd",
                                context.config().get(LibvirtOptions.IMAGES_RBD_POOL) + "/" + uuid + "_" + draft.name(),
                                context.facts().hostPorts(HostFact.RBD_MONITORS),
                                null),
                        "An rbd image named after the instance and the disk.",
                        Origins.option(context.config(), LibvirtOptions.IMAGES_RBD_POOL),
                        Origins.fact(context.facts(), HostFact.RBD_MONITORS));
            default ->
                Decision.of(
                        new DiskSource.FileSource(
                                Path.of(context.config().get(DefaultOptions.INSTANCES_PATH), uuid, draft.name())),
                        "A file in the folder of the instance.",
                        Origins.option(context.config(), DefaultOptions.INSTANCES_PATH));
        };
    }

    private static String volume(String uuid, DiskDraft draft) {
        return uuid + "_" + draft.name().replace("_", "__");
    }
}
