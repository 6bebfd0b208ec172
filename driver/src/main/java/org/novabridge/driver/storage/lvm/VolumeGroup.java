package org.novabridge.driver.storage.lvm;

import java.util.List;

/**
 * A volume group as LVM reports it. Sizes are in bytes.
 *
 * @param extentSize sizes of volumes are multiples of it
 * @param missingDevices physical volumes that LVM knows of and does not find
 * @param metadataSize size of the metadata area of each device
 * @param metadataFree what is left of it; each volume takes about 400 bytes, and a full area refuses
 *     every change
 */
public record VolumeGroup(
        String name,
        long size,
        long free,
        long extentSize,
        List<String> tags,
        int missingDevices,
        long metadataSize,
        long metadataFree,
        boolean exported) {
    public VolumeGroup {
        tags = List.copyOf(tags);
    }

    /** Made by {@code vg init}. */
    public boolean ours() {
        return tags.contains(LvmNames.OURS_TAG);
    }

    /** The size, rounded up to whole extents, as LVM would. */
    long roundUp(long bytes) {
        return Math.addExact(bytes, extentSize - 1) / extentSize * extentSize;
    }
}
