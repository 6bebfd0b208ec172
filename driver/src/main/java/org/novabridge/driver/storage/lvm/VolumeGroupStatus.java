package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is in the volume group. Sizes are in bytes.
 *
 * @param metadata how full its metadata areas are
 * @param madeByUs {@code vg init} made it
 * @param extents what its free extents hold
 * @param pendingWipes disks of deleted guests that wait for their wipe, or are being wiped
 * @param growing disks whose growth was interrupted before its new part was zeroed
 * @param pools thin pools
 * @param bases images that thin disks are snapshots of
 * @param kept what disks were before a resize that waits for its confirmation, or is being made
 * @param others volumes of nobody we know
 * @param strayMappings mappings of dm-crypt that are open on volumes here for nobody
 * @param roomForMore how many more instances of the average size here fit; null when there is none here
 */
public record VolumeGroupStatus(
        String group,
        long size,
        long free,
        Metadata metadata,
        boolean madeByUs,
        Extents extents,
        List<Device> devices,
        List<Guest> instances,
        List<PendingWipe> pendingWipes,
        List<Disk> growing,
        List<Pool> pools,
        List<Base> bases,
        List<Disk> kept,
        List<Disk> others,
        List<StrayMapping> strayMappings,
        @Nullable Long roomForMore) {

    /**
     * The metadata areas.
     *
     * @param most bytes that they take
     * @param used bytes that are in use
     * @param percent the same in percent; no volume is made from 95 on
     * @param roomForVolumes how many more volumes are made before that
     */
    public record Metadata(long most, long used, double percent, long roomForVolumes) {
        static Metadata of(MetadataRoom room) {
            return new Metadata(room.most(), room.used(), Math.round(room.percent() * 10) / 10.0, room.volumes());
        }
    }

    /** A physical volume. */
    public record Device(String path, long size, long free, boolean missing) {}

    /** The disks of one instance. */
    public record Guest(String uuid, long size, List<Disk> disks) {
        public Guest {
            disks = List.copyOf(disks);
        }
    }

    /**
     * One volume; its name as Nova knows the disk, or the volume's own.
     *
     * @param allocated bytes it really takes
     */
    public record Disk(String name, long size, long allocated, boolean open) {
        static Disk of(String name, LogicalVolume volume) {
            return new Disk(name, volume.size(), volume.thin() ? volume.allocated() : volume.size(), volume.open());
        }
    }

    /**
     * An image that disks are snapshots of.
     *
     * @param allocated bytes it really takes; of one of another size, what it takes beside the image's own
     * @param checksum SHA-256 of what it held when it was made; null while it is made, and for one of an older release
     */
    public record Base(
            String name,
            long size,
            long allocated,
            boolean open,
            @Nullable String checksum) {
        static Base of(LogicalVolume volume) {
            return new Base(
                    volume.name(),
                    volume.size(),
                    volume.allocated(),
                    volume.open(),
                    volume.checksum().orElse(null));
        }
    }

    /**
     * A disk of a deleted guest.
     *
     * @param name of its volume
     * @param wiped bytes that are zeroes for good, as its tag said in the last half minute; 0 for a wipe that begins anew
     *     when it is interrupted (shred)
     */
    public record PendingWipe(String name, long size, long wiped) {
        static PendingWipe of(LogicalVolume volume) {
            return new PendingWipe(
                    volume.name(), volume.size(), volume.wipedTo().orElse(0));
        }
    }

    /**
     * An open mapping of dm-crypt that nobody comes back to.
     *
     * @param name of device-mapper
     * @param volume that it lies on
     * @param why it is taken for one, as the end of a sentence
     */
    public record StrayMapping(String name, String volume, String why) {}

    /**
     * A thin pool.
     *
     * @param promised bytes that guests could fill
     * @param dataPercent how full it is
     * @param metadataPercent how full its metadata is; the pool stops when that is full
     * @param chunk bytes of one allocation
     * @param monitored dmeventd watches it
     * @param forecast what the running bridge says about it; null when none runs, or it has not looked yet
     */
    public record Pool(
            String name,
            long size,
            long promised,
            double dataPercent,
            double metadataPercent,
            long chunk,
            boolean monitored,
            @Nullable PoolForecast forecast) {

        /** Bytes promised for each byte that it has. */
        public double overSubscription() {
            return size == 0 ? 0 : (double) promised / size;
        }

        private Pool with(@Nullable PoolForecast told) {
            return new Pool(name, size, promised, dataPercent, metadataPercent, chunk, monitored, told);
        }
    }

    public VolumeGroupStatus {
        devices = List.copyOf(devices);
        instances = List.copyOf(instances);
        pendingWipes = List.copyOf(pendingWipes);
        growing = List.copyOf(growing);
        pools = List.copyOf(pools);
        bases = List.copyOf(bases);
        kept = List.copyOf(kept);
        others = List.copyOf(others);
        strayMappings = List.copyOf(strayMappings);
    }

    /** The same with what the running bridge has seen of its pools. */
    public VolumeGroupStatus with(List<PoolForecast> forecasts) {
        return new VolumeGroupStatus(
                group,
                size,
                free,
                metadata,
                madeByUs,
                extents,
                devices,
                instances,
                pendingWipes,
                growing,
                pools.stream()
                        .map(pool -> pool.with(forecasts.stream()
                                .filter(forecast -> forecast.pool().equals(pool.name()))
                                .findFirst()
                                .orElse(null)))
                        .toList(),
                bases,
                kept,
                others,
                strayMappings,
                roomForMore);
    }

    static VolumeGroupStatus of(
            VolumeGroup group,
            Extents extents,
            List<LogicalVolume> volumes,
            List<ThinPool> pools,
            List<LvmReport.PhysicalVolume> physicalVolumes,
            List<StrayMapping> strayMappings) {
        Map<String, List<Disk>> byInstance = new TreeMap<>();
        List<PendingWipe> pending = new ArrayList<>();
        List<Disk> growing = new ArrayList<>();
        List<Base> bases = new ArrayList<>();
        List<Disk> kept = new ArrayList<>();
        List<Disk> others = new ArrayList<>();
        for (LogicalVolume volume : volumes) {
            if (volume.thinPool()) {
                continue;
            }
            Disk whole = Disk.of(volume.name(), volume);
            if (volume.cleanTo().isPresent()) {
                growing.add(whole);
            }
            if (volume.waitsForWipe()) {
                pending.add(PendingWipe.of(volume));
            } else if (LvmNames.instance(volume.name()).isPresent()) {
                byInstance
                        .computeIfAbsent(volume.name().substring(0, 36), unused -> new ArrayList<>())
                        .add(Disk.of(LvmNames.disk(volume.name()), volume));
            } else if (volume.base()) {
                bases.add(Base.of(volume));
            } else if (volume.kept() || volume.halfCopied()) {
                kept.add(whole);
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
                Metadata.of(group.metadata()),
                group.ours(),
                extents,
                physicalVolumes.stream()
                        .filter(volume -> volume.group().equals(group.name()))
                        .map(volume -> new Device(volume.device(), volume.size(), volume.free(), volume.missing()))
                        .toList(),
                guests,
                pending,
                growing,
                pools.stream()
                        .map(pool -> new Pool(
                                pool.name(),
                                pool.size(),
                                pool.promised(),
                                pool.dataPercent(),
                                pool.metadataPercent(),
                                pool.chunk(),
                                pool.monitored(),
                                null))
                        .toList(),
                bases,
                kept,
                others,
                strayMappings,
                guests.isEmpty() || used == 0 ? null : room(group, pools) / (used / guests.size()));
    }

    /** Where there is a pool, guests' disks are made in it, and what is left of the group is for its growth. */
    private static long room(VolumeGroup group, List<ThinPool> pools) {
        return pools.isEmpty()
                ? group.free()
                : pools.stream()
                        .mapToLong(pool -> Math.max(0, pool.size() - pool.promised()))
                        .sum();
    }
}
