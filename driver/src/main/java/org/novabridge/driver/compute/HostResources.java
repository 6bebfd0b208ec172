package org.novabridge.driver.compute;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.DiskInventory;
import org.novabridge.driver.model.StorageSpace;

/**
 * What this host has for guests' disks.
 *
 * @param backend makes the disks of new guests
 * @param diskGb for placement; null when there is less than one GiB
 * @param storage all places; instances_path last, which config drives and logs take space from with any backend
 */
public record HostResources(String backend, @Nullable DiskInventory diskGb, List<StorageSpace> storage) {
    public HostResources {
        storage = List.copyOf(storage);
    }
}
