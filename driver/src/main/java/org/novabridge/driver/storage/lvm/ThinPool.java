package org.novabridge.driver.storage.lvm;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A thin pool and everything else in its volume group, as LVM reported them in one answer. Sizes are in bytes.
 *
 * @param dataPercent how full its data is
 * @param metadataPercent how full its metadata is; a pool whose metadata is full is read-only until it is repaired
 * @param chunk unit of allocation
 * @param zeroing blocks read as zero until they are written; without it a new volume shows old data of others
 * @param errorWhenFull writes to a full pool fail at once, so that the guest is paused; else they hang for a minute
 * @param discards what it does with discards of its volumes: passdown, nopassdown or ignore
 * @param health LVM's word for what is wrong with it; empty when nothing is
 * @param monitored dmeventd watches it
 * @param profile name of its LVM profile; empty when it has none
 * @param ours {@code vg init} made it
 * @param volumes all volumes of the group, the pool left out
 */
record ThinPool(
        VolumeGroup group,
        String name,
        long size,
        double dataPercent,
        double metadataPercent,
        long metadataSize,
        long chunk,
        boolean zeroing,
        boolean errorWhenFull,
        String discards,
        String health,
        boolean monitored,
        String profile,
        boolean ours,
        List<LogicalVolume> volumes) {
    ThinPool {
        volumes = List.copyOf(volumes);
    }

    Optional<LogicalVolume> volume(String wanted) {
        return volumes.stream().filter(volume -> volume.name().equals(wanted)).findFirst();
    }

    /** Bytes of its data that no volume has taken, to a hundredth of a percent, as LVM says it. */
    long free() {
        return (long) (size * (100 - dataPercent) / 100);
    }

    /**
     * What its volumes may come to take, all disks filled to their size. A complete base and the picture of a disk are
     * read-only, so they never take more than they have.
     */
    long promised() {
        return promised(volume -> true);
    }

    /** The same of some of its volumes. */
    long promised(Predicate<LogicalVolume> which) {
        return volumes.stream()
                .filter(which.and(volume -> volume.pool().equals(name)))
                .mapToLong(LogicalVolume::mayTake)
                .sum();
    }
}
