package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is in the volume group. Sizes are in bytes.
 *
 * @param madeByUs {@code vg init} made it
 * @param pendingWipes disks of deleted guests whose wipe was interrupted
 * @param growing disks whose growth was interrupted before its new part was zeroed
 * @param others volumes of nobody we know
 * @param roomForMore how many more instances of the average size here fit; null when there is none here
 */
public record VolumeGroupStatus(
        String group,
        long size,
        long free,
        boolean madeByUs,
        List<Device> devices,
        List<Guest> instances,
        List<Disk> pendingWipes,
        List<Disk> growing,
        List<Disk> others,
        @Nullable Long roomForMore) {

    /** A physical volume. */
    public record Device(String path, long size, long free, boolean missing) {}

    /** The disks of one instance. */
    public record Guest(String uuid, long size, List<Disk> disks) {
        public Guest {
            disks = List.copyOf(disks);
        }
    }

    /** One volume; its name as Nova knows the disk, or the volume's own. */
    public record Disk(String name, long size, boolean open) {}

    public VolumeGroupStatus {
        devices = List.copyOf(devices);
        instances = List.copyOf(instances);
        pendingWipes = List.copyOf(pendingWipes);
        growing = List.copyOf(growing);
        others = List.copyOf(others);
    }

    static VolumeGroupStatus of(
            VolumeGroup group, List<LogicalVolume> volumes, List<LvmReport.PhysicalVolume> physicalVolumes) {
        Map<String, List<Disk>> byInstance = new TreeMap<>();
        List<Disk> pending = new ArrayList<>();
        List<Disk> growing = new ArrayList<>();
        List<Disk> others = new ArrayList<>();
        for (LogicalVolume volume : volumes) {
            Disk whole = new Disk(volume.name(), volume.size(), volume.open());
            if (volume.cleanTo().isPresent()) {
                growing.add(whole);
            }
            if (volume.waitsForWipe()) {
                pending.add(whole);
            } else if (LvmNames.instance(volume.name()).isPresent()) {
                byInstance
                        .computeIfAbsent(volume.name().substring(0, 36), unused -> new ArrayList<>())
                        .add(new Disk(LvmNames.disk(volume.name()), volume.size(), volume.open()));
            } else {
                others.add(whole);
            }
        }
        List<Guest> guests = byInstance.entrySet().stream()
                .map(entry -> new Guest(
                        entry.getKey(),
                        entry.getValue().stream().mapToLong(Disk::size).sum(),
                        entry.getValue()))
                .toList();
        long used = guests.stream().mapToLong(Guest::size).sum();
        return new VolumeGroupStatus(
                group.name(),
                group.size(),
                group.free(),
                group.ours(),
                physicalVolumes.stream()
                        .filter(volume -> volume.group().equals(group.name()))
                        .map(volume -> new Device(volume.device(), volume.size(), volume.free(), volume.missing()))
                        .toList(),
                guests,
                pending,
                growing,
                others,
                used == 0 ? null : group.free() / (used / guests.size()));
    }
}
