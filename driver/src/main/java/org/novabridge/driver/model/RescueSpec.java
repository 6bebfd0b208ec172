package org.novabridge.driver.model;

import org.jspecify.annotations.Nullable;

/**
 * What a guest is rescued with: the arguments of Nova's {@code rescue} that its spawn does not have
 * (nova/virt/libvirt/driver.py 26.2.2).
 *
 * <p>A <em>stable</em> rescue keeps all disks of the guest where they are and puts the rescue disk behind them; any
 * other has the rescue disk in the first place, the root disk in the second, and no other disk.
 *
 * @param imageMeta the image that the guest boots to be repaired
 * @param imageFile name of a file in the exchange folder; null when the image is in the cache
 * @param kernelFile name of a file in the exchange folder; null when the kernel that it boots is in the cache, or it has none
 * @param ramdiskFile the same of its ramdisk
 * @param configDriveFile name of a file in the exchange folder; null when the rescued guest gets no config drive of its own
 */
public record RescueSpec(
        ImageMeta imageMeta,
        @Nullable String imageFile,
        @Nullable String configDriveFile,
        @Nullable String kernelFile,
        @Nullable String ramdiskFile) {
    /** Of one that boots by itself, or whose kernel and ramdisk are in the cache. */
    public RescueSpec(ImageMeta imageMeta, @Nullable String imageFile, @Nullable String configDriveFile) {
        this(imageMeta, imageFile, configDriveFile, null, null);
    }

    /** Image property that names the device type of the rescue disk. */
    public static final String DEVICE = "hw_rescue_device";

    /** Image property that names the bus of the rescue disk. */
    public static final String BUS = "hw_rescue_bus";

    /** Either property of the image asks for it (nova/virt/hardware.py 26.2.2, check_hw_rescue_props). */
    public boolean stable() {
        return imageMeta.properties().containsKey(DEVICE)
                || imageMeta.properties().containsKey(BUS);
    }
}
