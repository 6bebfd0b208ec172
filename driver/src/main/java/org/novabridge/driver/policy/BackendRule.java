package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.EphemeralStorageEncryptionOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.ValueOrigin;

/**
 * What makes the disk: the backend that was recorded when it was made; else images_type, where default means
 * qcow2 with use_cow_images and raw without. Config drives are raw files, or rbd where images_type is rbd. Disks on LVM
 * are encrypted where the host is told so, or where Nova has a key for the instance.
 *
 * <p>Source: nova/virt/libvirt/imagebackend.py 26.2.2, Backend; driver.py _get_disk_config_image_type. Nova
 * asks today's images_type for disks that exist; we ask the record (design 4.5).
 */
public final class BackendRule implements DiskRule {
    /** Behind the name of a backend whose volumes are encrypted. */
    static final String ENCRYPTED = "-crypt";

    private static final Set<String> PLAIN_VOLUMES = Set.of("lvm", "lvm-thin");

    @Override
    public Set<DiskAttribute> decides() {
        return Set.of(DiskAttribute.BACKEND);
    }

    @Override
    public RuleCard card() {
        return new RuleCard(
                "The recorded backend of an existing disk; else images_type (default: qcow2 with use_cow_images, else raw), where lvm is lvm-thin by images_lvm_type, and either with -crypt behind it is encrypted by [ephemeral_storage_encryption]enabled or the instance's ephemeral_key_uuid; config drives raw, or rbd on rbd.",
                List.of(
                        "[libvirt]images_type",
                        "[libvirt]images_lvm_type",
                        "host fact thin_pool",
                        "[DEFAULT]use_cow_images",
                        "[ephemeral_storage_encryption]enabled",
                        "instance ephemeral_key_uuid",
                        "record backend"),
                "nova/virt/libvirt/imagebackend.py 26.2.2 Backend");
    }

    @Override
    public void apply(DiskContext context, DiskDraft draft) {
        draft.decide(this, DiskAttribute.BACKEND, backend(context, draft));
    }

    private static Decision<String> backend(DiskContext context, DiskDraft draft) {
        if (draft.volume()) {
            return Decision.of("volume", "Cinder made the volume.", Origins.connection("driver_volume_type"));
        }
        Optional<RecordedDisk> recorded = context.recorded(draft.name());
        if (recorded.isPresent()) {
            return Decision.of(
                    recorded.get().backend(),
                    "The disk exists and was made by this backend.",
                    Origins.record("backend"));
        }
        Decision<String> configured = configured(context.config(), context.facts());
        if (draft.role() == DiskRole.CONFIG_DRIVE && !configured.get().equals("rbd")) {
            return new Decision<>("raw", configured.origins(), "A config drive is a raw file.");
        }
        boolean keyed = context.spec().instance().ephemeralKeyUuid() != null;
        return keyed && PLAIN_VOLUMES.contains(configured.get())
                ? encrypted(configured, Origins.instance("ephemeral_key_uuid"))
                : configured;
    }

    /** What {@code images_type} makes, whatever the disk. */
    static Decision<String> configured(ConfigSnapshot config, HostFacts facts) {
        Decision<String> made = ofType(config, facts);
        if (!config.get(EphemeralStorageEncryptionOptions.ENABLED)) {
            return made;
        }
        if (!PLAIN_VOLUMES.contains(made.get())) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    EphemeralStorageEncryptionOptions.ENABLED.display() + " at "
                            + config.resolve(EphemeralStorageEncryptionOptions.ENABLED)
                                    .origin()
                                    .describe()
                            + " works with images_type = lvm only",
                    "switch it off, or set images_type = lvm");
        }
        return encrypted(made, Origins.option(config, EphemeralStorageEncryptionOptions.ENABLED));
    }

    private static Decision<String> encrypted(Decision<String> made, ValueOrigin why) {
        List<ValueOrigin> origins = new ArrayList<>(List.of(why));
        origins.addAll(made.origins());
        return new Decision<>(made.get() + ENCRYPTED, origins, made.sentence() + " Its disks are encrypted.");
    }

    private static Decision<String> ofType(ConfigSnapshot config, HostFacts facts) {
        String type = config.get(LibvirtOptions.IMAGES_TYPE);
        return switch (type) {
            case "qcow2", "rbd" ->
                Decision.of(type, "images_type names the backend.", Origins.option(config, LibvirtOptions.IMAGES_TYPE));
            case "lvm" -> lvm(config, facts);
            case "raw", "flat" ->
                Decision.of(
                        "raw",
                        "images_type names the backend; flat is an old word for raw.",
                        Origins.option(config, LibvirtOptions.IMAGES_TYPE));
            case "default" ->
                Decision.of(
                        config.get(DefaultOptions.USE_COW_IMAGES) ? "qcow2" : "raw",
                        "images_type default means qcow2 with use_cow_images and raw without.",
                        Origins.option(config, DefaultOptions.USE_COW_IMAGES),
                        Origins.option(config, LibvirtOptions.IMAGES_TYPE));
            default ->
                throw new BridgeException(
                        ErrorCode.NOT_SUPPORTED,
                        LibvirtOptions.IMAGES_TYPE.display() + " = " + type + " at "
                                + config.resolve(LibvirtOptions.IMAGES_TYPE)
                                        .origin()
                                        .describe() + " is not supported",
                        "use raw, qcow2, lvm or default");
        };
    }

    private static Decision<String> lvm(ConfigSnapshot config, HostFacts facts) {
        if (config.find(LibvirtOptions.IMAGES_VOLUME_GROUP)
                .filter(g -> !g.isEmpty())
                .isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION_RETRY,
                    LibvirtOptions.IMAGES_TYPE.display() + " = lvm at "
                            + config.resolve(LibvirtOptions.IMAGES_TYPE)
                                    .origin()
                                    .describe() + " needs "
                            + LibvirtOptions.IMAGES_VOLUME_GROUP.display(),
                    "name the volume group that holds the disks of guests");
        }
        return switch (config.get(LibvirtOptions.IMAGES_LVM_TYPE)) {
            case "thin" -> thin(config, "images_type is lvm, and images_lvm_type asks for volumes of a thin pool.");
            case "auto" ->
                facts.is(HostFact.THIN_POOL)
                        ? thin(config, "images_lvm_type is auto, and the volume group has the thin pool.")
                        : Decision.of(
                                "lvm",
                                "images_lvm_type is auto, and the volume group has no thin pool.",
                                Origins.option(config, LibvirtOptions.IMAGES_LVM_TYPE),
                                Origins.fact(facts, HostFact.THIN_POOL));
            default ->
                Decision.of(
                        "lvm", "images_type names the backend.", Origins.option(config, LibvirtOptions.IMAGES_TYPE));
        };
    }

    private static Decision<String> thin(ConfigSnapshot config, String why) {
        return Decision.of(
                "lvm-thin",
                why,
                Origins.option(config, LibvirtOptions.IMAGES_LVM_TYPE),
                Origins.option(config, LibvirtOptions.IMAGES_TYPE));
    }
}
