package org.novabridge.driver.storage;

import java.util.Optional;
import java.util.function.Supplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.lvm.EncryptedBackend;
import org.novabridge.driver.storage.lvm.LvmBackend;
import org.novabridge.driver.storage.lvm.ThinBackend;
import org.novabridge.driver.storage.qcow2.Qcow2Backend;
import org.novabridge.driver.storage.raw.RawBackend;

/** Chooses backends: the one for new disks by {@code images_type}, and any by the name that a record holds. */
public final class ImageBackends {
    private final ConfigSnapshot config;
    private final CommandExecutor executor;
    private final FileOwner owner;
    private final DiskKeys keys;

    private ImageBackends(ConfigSnapshot config, CommandExecutor executor, FileOwner owner, DiskKeys keys) {
        this.config = config;
        this.executor = executor;
        this.owner = owner;
        this.keys = keys;
    }

    /** @param keys of encrypted disks */
    public static ImageBackends of(ConfigSnapshot config, CommandExecutor executor, FileOwner owner, DiskKeys keys) {
        return new ImageBackends(config, executor, owner, keys);
    }

    /**
     * The backend's name for new disks: raw, qcow2, lvm or rbd ({@code default} is qcow2 when {@code use_cow_images},
     * else raw; flat is raw: nova/virt/libvirt/imagebackend.py {@code Backend}).
     */
    public static String nameOf(ConfigSnapshot config) {
        String type = config.get(LibvirtOptions.IMAGES_TYPE);
        return switch (type) {
            case "default" -> config.get(DefaultOptions.USE_COW_IMAGES) ? "qcow2" : "raw";
            case "flat" -> "raw";
            default -> type;
        };
    }

    /** The backend of new disks. */
    public ImageBackend forNewDisks() {
        String name = nameOf(config);
        return find(name)
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "[libvirt]images_type=" + name + " cannot be used here.",
                        "Use raw, qcow2 or lvm (which needs images_volume_group)."));
    }

    /** A backend by name; empty when it does not exist or today's configuration does not describe it. */
    public Optional<ImageBackend> find(String name) {
        return switch (name) {
            case "raw" -> Optional.of(new RawBackend(config, executor, owner));
            case "qcow2" -> Optional.of(new Qcow2Backend(config, executor, owner));
            case LvmBackend.NAME -> inGroup(() -> new LvmBackend(config, executor, owner));
            case ThinBackend.NAME -> inGroup(() -> new ThinBackend(config, executor, owner));
            case LvmBackend.NAME + EncryptedBackend.SUFFIX ->
                inGroup(() -> new EncryptedBackend(new LvmBackend(config, executor, owner), config, keys));
            case ThinBackend.NAME + EncryptedBackend.SUFFIX ->
                inGroup(() -> new EncryptedBackend(new ThinBackend(config, executor, owner), config, keys));
            case "rbd" -> Optional.of(new RbdBackend(config));
            default -> Optional.empty();
        };
    }

    private Optional<ImageBackend> inGroup(Supplier<ImageBackend> backend) {
        return config.find(LibvirtOptions.IMAGES_VOLUME_GROUP).map(group -> backend.get());
    }
}
