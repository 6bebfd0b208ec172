package org.novabridge.driver.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Nova's {@code block_device_info}.
 *
 * @param image root disks from an image: none or one
 * @param volumes {@code block_device_mapping}: what Cinder made
 */
public record BlockDeviceInfo(
        @Nullable String rootDeviceName,
        List<BlockDevice> image,
        List<BlockDevice> ephemerals,
        @Nullable BlockDevice swap,
        List<BlockDevice> volumes) {
    /** Nova's None: nothing is known, the flavor decides. */
    public static final BlockDeviceInfo NONE = new BlockDeviceInfo(null, List.of(), List.of(), null, List.of());

    public BlockDeviceInfo {
        image = List.copyOf(image);
        ephemerals = List.copyOf(ephemerals);
        volumes = List.copyOf(volumes);
    }
}
