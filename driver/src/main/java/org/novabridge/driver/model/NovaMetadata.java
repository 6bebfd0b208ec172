package org.novabridge.driver.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What Nova records about an instance inside its domain ({@code <nova:instance>}).
 *
 * @param packageVersion release of Nova that the document follows
 * @param name the tenant's name of the instance
 * @param rootImage id of the image; null when booted from a volume
 */
public record NovaMetadata(
        String packageVersion,
        @Nullable String name,
        @Nullable Instant creationTime,
        @Nullable MetadataFlavor flavor,
        @Nullable MetadataOwner owner,
        @Nullable String rootImage,
        List<MetadataPort> ports) {
    public NovaMetadata {
        ports = List.copyOf(ports);
    }

    /** Sizes as in the flavor: memory in MiB, disk and ephemeral in GiB, swap in MiB. */
    public record MetadataFlavor(String name, int memoryMb, int diskGb, int swapMb, int ephemeralGb, int vcpus) {}

    /** Ids and names of user and project; a name that is not known is "N/A". */
    public record MetadataOwner(String userId, String userName, String projectId, String projectName) {}

    /** A network port of the instance. */
    public record MetadataPort(String uuid, List<MetadataIp> ips) {
        public MetadataPort {
            ips = List.copyOf(ips);
        }
    }

    /**
     * An address of a port.
     *
     * @param type fixed or floating
     * @param version 4 or 6
     */
    public record MetadataIp(String type, String address, String version) {}
}
