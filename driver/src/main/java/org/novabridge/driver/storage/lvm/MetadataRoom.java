package org.novabridge.driver.storage.lvm;

import java.util.Locale;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * How full the metadata areas of a volume group are. LVM writes each new text beside the old one, so a text may take
 * half of an area; from there on LVM refuses every change but those that make the text smaller (seen with lvm2 2.03.16:
 * at 1390 thin volumes in an area of the default size). New volumes are refused a little before, so that there is room
 * left for renames and tags, which deleting a disk and its wipe need.
 *
 * @param most bytes that one text may take, in the smallest area
 * @param used bytes of today's
 */
record MetadataRoom(String group, long most, long used) {
    /** Percent from which on an operator should act. */
    static final double HIGH = 80;

    /** Percent from which on no volume is made. */
    static final double FULL = 95;

    /** What a volume with one of our names takes, as measured on 2000 of them; tags come on top. */
    private static final long BYTES_OF_A_VOLUME = 475;

    private static final long HEADER = 512;

    static MetadataRoom of(VolumeGroup group) {
        long most = Math.max(0, (group.metadataSize() - HEADER) / 2);
        return new MetadataRoom(group.name(), most, Math.max(0, most - group.metadataFree()));
    }

    /** 0 where LVM says nothing about the areas. */
    double percent() {
        return most == 0 ? 0 : 100.0 * used / most;
    }

    /** How many more volumes are made before they are refused. */
    long volumes() {
        return Math.max(0, (long) (most * FULL / 100) - used) / BYTES_OF_A_VOLUME;
    }

    boolean high() {
        return percent() >= HIGH;
    }

    boolean full() {
        return percent() >= FULL;
    }

    String sentence() {
        return String.format(
                Locale.ROOT,
                "the metadata of volume group %s is %.1f %% full (%d of %d bytes)",
                group,
                percent(),
                used,
                most);
    }

    String remedy() {
        return "delete guests; or, since the size of an area is fixed when its device is initialised, add a device with a"
                + " large one and let LVM use that one alone: pvcreate --metadatasize " + LvmCommands.METADATA_SIZE
                + " DEVICE; vgextend " + group + " DEVICE; pvchange --metadataignore y OLD-DEVICE";
    }

    /**
     * To be asked before a volume is made; growing and deleting are never refused for this.
     *
     * @throws BridgeException STORAGE_FULL
     */
    void demand() {
        if (full()) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FULL,
                    sentence() + ", and from " + Math.round(FULL) + " % on no volume is made in it",
                    remedy());
        }
    }
}
