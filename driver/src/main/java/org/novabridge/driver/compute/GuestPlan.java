package org.novabridge.driver.compute;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;

/**
 * What today's configuration makes of a spec.
 *
 * @param document the domain document; null while a volume of the guest is not connected to this host
 * @param backend the {@code images_type} of its local disks
 * @param disks local disks to be made, in the order of the domain
 * @param volumes what Cinder made, in the order of the domain
 * @param updates for the caller to save: device names, frozen image properties (design 4.3)
 * @param outside what the caller connects and plugs before the start, and takes back after a failure
 */
record GuestPlan(
        @Nullable String document,
        String backend,
        List<PlannedDisk> disks,
        List<PlannedVolume> volumes,
        Map<String, Object> updates,
        Map<String, Object> outside) {
    GuestPlan {
        disks = List.copyOf(disks);
        volumes = List.copyOf(volumes);
    }

    /**
     * The domain document.
     *
     * @throws BridgeException INVALID_REQUEST when a volume is not connected
     */
    String xml() {
        if (document == null) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "volumes of the guest are not connected to this host: "
                            + String.join(
                                    ", ",
                                    volumes.stream()
                                            .filter(volume -> !volume.connected())
                                            .map(PlannedVolume::target)
                                            .toList()),
                    "connect them, then send the spec with the device_path of each");
        }
        return document;
    }

    Optional<PlannedDisk> disk(String name) {
        return disks.stream().filter(disk -> disk.name().equals(name)).findFirst();
    }

    /**
     * A local disk.
     *
     * @param name Nova's name on the storage: disk, disk.local, disk.eph0, disk.swap, disk.config; kernel and ramdisk, which the
     *     guest does not see
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

    /**
     * A volume.
     *
     * @param id Cinder's; null when the connection names none
     */
    record PlannedVolume(@Nullable String id, DiskDefinition disk) {
        /** The name in the guest: vdb. */
        String target() {
            return disk.targetDev();
        }

        boolean connected() {
            return !(disk.source() instanceof DiskSource.NotConnected);
        }
    }

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

        /**
         * What a guest boots that does not boot by itself: a kernel, or its ramdisk.
         *
         * @param imageId Nova's id of it
         */
        record Boot(String imageId) implements Filling {
            /** Whatever Glance calls its format: it is no disk, and is not converted. */
            ImageMeta meta() {
                return new ImageMeta(imageId, null, "raw", "bare", null, 0, 0, Map.of());
            }
        }

        /** The file that the caller left in the exchange folder. */
        record ConfigDrive() implements Filling {}
    }
}
