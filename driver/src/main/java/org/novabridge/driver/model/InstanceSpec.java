package org.novabridge.driver.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * SPEC.json, the body of a create call (design 4.2): the arguments of Nova's {@code spawn}.
 *
 * @param networkInfo Nova's VIF dictionaries as they came
 * @param imageFile name of a file in the exchange folder; null when the image is in the cache
 * @param configDriveFile name of a file in the exchange folder; null without a config drive
 * @param kernelFile name of a file in the exchange folder; null when the kernel of the guest is in the cache, or its image has one
 * @param ramdiskFile the same of its ramdisk
 * @param powerOn false leaves the new guest stopped
 * @param rescue what the guest is rescued with; null for one that runs from its own disks
 */
public record InstanceSpec(
        Instance instance,
        ImageMeta imageMeta,
        BlockDeviceInfo blockDeviceInfo,
        List<Map<String, Object>> networkInfo,
        @Nullable String imageFile,
        @Nullable String configDriveFile,
        boolean powerOn,
        @Nullable RescueSpec rescue,
        @Nullable String kernelFile,
        @Nullable String ramdiskFile) {
    public InstanceSpec {
        networkInfo = List.copyOf(networkInfo);
    }

    /** Of a guest that boots by itself, or whose kernel and ramdisk are in the cache. */
    public InstanceSpec(
            Instance instance,
            ImageMeta imageMeta,
            BlockDeviceInfo blockDeviceInfo,
            List<Map<String, Object>> networkInfo,
            @Nullable String imageFile,
            @Nullable String configDriveFile,
            boolean powerOn,
            @Nullable RescueSpec rescue) {
        this(
                instance,
                imageMeta,
                blockDeviceInfo,
                networkInfo,
                imageFile,
                configDriveFile,
                powerOn,
                rescue,
                null,
                null);
    }

    /** What the image of the guest said when it was made (kept in system_metadata), else says today; empty when nothing. */
    public String imageProperty(String name) {
        return instance.systemMetadata()
                .getOrDefault("image_" + name, imageMeta.properties().getOrDefault(name, ""));
    }

    /** The same with another flavor. */
    public InstanceSpec resized(Flavor to) {
        return new InstanceSpec(
                instance.resized(to),
                imageMeta,
                blockDeviceInfo,
                networkInfo,
                imageFile,
                configDriveFile,
                powerOn,
                rescue,
                kernelFile,
                ramdiskFile);
    }

    /** The same of another image, with other block devices. */
    public InstanceSpec with(ImageMeta image, BlockDeviceInfo devices) {
        return new InstanceSpec(
                instance,
                image,
                devices,
                networkInfo,
                imageFile,
                configDriveFile,
                powerOn,
                rescue,
                kernelFile,
                ramdiskFile);
    }

    /** The same with other volumes. */
    public InstanceSpec withVolumes(List<BlockDevice> volumes) {
        return with(
                imageMeta,
                new BlockDeviceInfo(
                        blockDeviceInfo.rootDeviceName(),
                        blockDeviceInfo.image(),
                        blockDeviceInfo.ephemerals(),
                        blockDeviceInfo.swap(),
                        volumes));
    }

    /** The same with other ports. */
    public InstanceSpec withPorts(List<Map<String, Object>> ports) {
        return new InstanceSpec(
                instance,
                imageMeta,
                blockDeviceInfo,
                ports,
                imageFile,
                configDriveFile,
                powerOn,
                rescue,
                kernelFile,
                ramdiskFile);
    }

    /** The same, rescued or no longer. */
    public InstanceSpec rescued(@Nullable RescueSpec with) {
        return new InstanceSpec(
                instance,
                imageMeta,
                blockDeviceInfo,
                networkInfo,
                imageFile,
                configDriveFile,
                powerOn,
                with,
                kernelFile,
                ramdiskFile);
    }
}
