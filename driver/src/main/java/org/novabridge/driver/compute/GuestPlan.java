package org.novabridge.driver.compute;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.DiskSource;

/**
 * What today's configuration makes of a spec.
 *
 * @param xml the domain document
 * @param backend the {@code images_type} of its local disks
 * @param disks local disks to be made, in the order of the domain; volumes are not among them
 * @param updates for the caller to save: device names, frozen image properties (design 4.3)
 * @param outside what the caller connects and plugs before the start, and takes back after a failure
 */
record GuestPlan(
        String xml, String backend, List<PlannedDisk> disks, Map<String, Object> updates, Map<String, Object> outside) {
    GuestPlan {
        disks = List.copyOf(disks);
    }

    Optional<PlannedDisk> disk(String name) {
        return disks.stream().filter(disk -> disk.name().equals(name)).findFirst();
    }

    /**
     * A local disk.
     *
     * @param name Nova's name on the storage: disk, disk.local, disk.eph0, disk.swap, disk.config
     * @param backend which backend makes it
     * @param sizeBytes null when the content decides
     */
    record PlannedDisk(
            String name,
            String role,
            @Nullable String target,
            String backend,
            DiskSource source,
            String format,
            @Nullable Long sizeBytes,
            Filling filling) {}

    /** What a new disk is filled with. */
    sealed interface Filling {
        /** The image of the instance. */
        record Image() implements Filling {}

        /** Nothing. */
        record Blank() implements Filling {}

        /** A file system. */
        record FileSystem(@Nullable String type, @Nullable String osType, String label) implements Filling {}

        /** A swap signature. */
        record Swap() implements Filling {}

        /** The file that the caller left in the exchange folder. */
        record ConfigDrive() implements Filling {}
    }
}
