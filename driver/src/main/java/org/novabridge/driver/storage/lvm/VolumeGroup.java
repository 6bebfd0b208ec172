package org.novabridge.driver.storage.lvm;

import java.util.List;

/**
 * A volume group as LVM reports it. Sizes are in bytes.
 *
 * @param extentSize sizes of volumes are multiples of it
 * @param missingDevices physical volumes that LVM knows of and does not find
 * @param metadataSize size of the metadata area of each device
 * @param metadataFree what is left of the half of it that one text may take
 * @param revision of its metadata
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
        boolean exported,
        Revision revision) {

    /**
     * Which group it is, and in which state.
     *
     * @param number LVM counts it up with each change ({@code vg_seqno})
     */
    public record Revision(String uuid, long number) {}

    public VolumeGroup {
        tags = List.copyOf(tags);
    }

    /** Made by {@code vg init}. */
    public boolean ours() {
        return tags.contains(LvmNames.OURS_TAG);
    }

    /** Says that its free extents are zeroes; {@link ExtentsRule} decides whether that is believed. */
    boolean taggedClean() {
        return tags.contains(LvmNames.CLEAN_TAG);
    }

    MetadataRoom metadata() {
        return MetadataRoom.of(this);
    }

    /** The size, rounded up to whole extents, as LVM would. */
    long roundUp(long bytes) {
        return Math.addExact(bytes, extentSize - 1) / extentSize * extentSize;
    }
}
