package org.novabridge.driver.storage.lvm;

import java.util.List;

/**
 * A volume group as LVM reports it. Sizes are in bytes.
 *
 * @param extentSize sizes of volumes are multiples of it
 * @param missingDevices physical volumes that LVM knows of and does not find
 * @param metadataSize size of the metadata area of each device
 * @param metadataFree what is left of the half of it that one text may take
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

    MetadataRoom metadata() {
        return MetadataRoom.of(this);
    }

    /** The size, rounded up to whole extents, as LVM would. */
    long roundUp(long bytes) {
        return Math.addExact(bytes, extentSize - 1) / extentSize * extentSize;
    }
}
