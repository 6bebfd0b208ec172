package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.ImageCacheOptions;
import org.novabridge.conf.WorkaroundsOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.model.StorageSpace;
import org.novabridge.driver.policy.InventoryPolicy;
import org.novabridge.driver.storage.FileSystemSpace;
import org.novabridge.driver.storage.lvm.ThinBackend;
import org.novabridge.driver.storage.lvm.VolumeGroupSpace;

/** Looks at the storage of new guests' disks, each time anew. Changes nothing. */
final class ResourceReport {
    private final Supplier<ConfigSnapshot> config;
    private final Supplier<HostFacts> facts;
    private final CommandExecutor executor;

    ResourceReport(Supplier<ConfigSnapshot> config, Supplier<HostFacts> facts, CommandExecutor executor) {
        this.config = config;
        this.facts = facts;
        this.executor = executor;
    }

    /**
     * @throws BridgeException VOLUME_GROUP_UNUSABLE, STORAGE_FAILED: no numbers rather than wrong ones
     */
    HostResources look() {
        ConfigSnapshot today = config.get();
        String backend = InventoryPolicy.backend(today, facts.get());
        List<StorageSpace> storage = new ArrayList<>();
        StorageSpace files = files(today);
        StorageSpace ofNewDisks = files;
        if (backend.startsWith("lvm")) {
            VolumeGroupSpace group = VolumeGroupSpace.of(today, executor);
            storage.addAll(group.all());
            ofNewDisks = group.ofNewDisks(storage, backend.startsWith(ThinBackend.NAME));
        }
        storage.add(files);
        return new HostResources(
                backend, InventoryPolicy.inventory(today, ofNewDisks).orElse(null), storage);
    }

    private StorageSpace files(ConfigSnapshot today) {
        Path instances = Path.of(today.get(DefaultOptions.INSTANCES_PATH));
        return today.get(WorkaroundsOptions.RESERVE_DISK_RESOURCE_FOR_IMAGE_CACHE)
                ? FileSystemSpace.reserving(
                        instances, instances.resolve(today.get(ImageCacheOptions.SUBDIRECTORY_NAME)), executor)
                : FileSystemSpace.of(instances);
    }
}
