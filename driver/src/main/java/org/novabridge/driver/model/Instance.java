package org.novabridge.driver.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An instance in Nova's own terms (nova/objects/instance.py), checked at the edge: {@code uuid} is a
 * canonical UUID and {@code name} is free of path and control characters.
 *
 * @param name libvirt's domain name ({@code instance-0000002a})
 * @param displayName what the tenant called it; any text without control characters
 * @param memoryMb guest memory in MiB
 * @param rootGb root disk in GiB; 0 means the size of the image
 * @param ephemeralGb ephemeral disk in GiB
 * @param configDrive Nova's field: "True" when the tenant asked for a config drive, else empty
 * @param launched it has run before ({@code launched_at} is set): {@code force_config_drive} is for new guests only
 * @param ephemeralKeyUuid what the key manager calls the key of its local disks; null when they are not encrypted
 */
public record Instance(
        String uuid,
        String name,
        String displayName,
        String projectId,
        String userId,
        int vcpus,
        int memoryMb,
        int rootGb,
        int ephemeralGb,
        Flavor flavor,
        @Nullable String imageRef,
        @Nullable String kernelId,
        @Nullable String ramdiskId,
        @Nullable String osType,
        @Nullable String rootDeviceName,
        String configDrive,
        Map<String, String> metadata,
        Map<String, String> systemMetadata,
        boolean launched,
        @Nullable String ephemeralKeyUuid) {
    public Instance {
        metadata = Map.copyOf(metadata);
        systemMetadata = Map.copyOf(systemMetadata);
    }

    /** An instance that has not run yet, and whose disks need no key. */
    public Instance(
            String uuid,
            String name,
            String displayName,
            String projectId,
            String userId,
            int vcpus,
            int memoryMb,
            int rootGb,
            int ephemeralGb,
            Flavor flavor,
            @Nullable String imageRef,
            @Nullable String kernelId,
            @Nullable String ramdiskId,
            @Nullable String osType,
            @Nullable String rootDeviceName,
            String configDrive,
            Map<String, String> metadata,
            Map<String, String> systemMetadata) {
        this(
                uuid,
                name,
                displayName,
                projectId,
                userId,
                vcpus,
                memoryMb,
                rootGb,
                ephemeralGb,
                flavor,
                imageRef,
                kernelId,
                ramdiskId,
                osType,
                rootDeviceName,
                configDrive,
                metadata,
                systemMetadata,
                false,
                null);
    }

    /** The same with another flavor, as Nova has it after a resize (compute/manager.py 26.2.2, _set_instance_info). */
    public Instance resized(Flavor to) {
        return new Instance(
                uuid,
                name,
                displayName,
                projectId,
                userId,
                to.vcpus(),
                to.memoryMb(),
                to.rootGb(),
                to.ephemeralGb(),
                to,
                imageRef,
                kernelId,
                ramdiskId,
                osType,
                rootDeviceName,
                configDrive,
                metadata,
                systemMetadata,
                launched,
                ephemeralKeyUuid);
    }
}
