package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.StorageFailures;

/**
 * Disks on logical volumes on their way to another host. Of a thin one the pool knows what is allocated ({@link
 * ThinMap}); a thick one may hold something everywhere.
 */
final class VolumeStreams implements DiskStreams {
    private final VolumeBackend backend;
    private final LockedGroup group;
    private final ThinMap map;

    VolumeStreams(VolumeBackend backend, LockedGroup group, ThinMap map) {
        this.backend = backend;
        this.group = group;
        this.map = map;
    }

    @Override
    public long size(String instanceUuid, String diskName) {
        return group.existing(LvmNames.volume(instanceUuid, diskName)).size();
    }

    @Override
    public Allocation allocation(String instanceUuid, String diskName) {
        LogicalVolume volume = group.existing(LvmNames.volume(instanceUuid, diskName));
        if (!volume.thin()) {
            return Allocation.everywhere(volume.size());
        }
        // What lies in the page cache alone has no block in the pool yet.
        Path device = group.device(volume.name());
        try {
            FileOwner.sync(device);
        } catch (IOException e) {
            throw StorageFailures.of("flushing " + device, e);
        }
        return map.of(volume);
    }

    @Override
    public void releaseLook() {
        map.releaseLook();
    }

    @Override
    public DiskBytes open(String instanceUuid, String diskName) {
        return channel(instanceUuid, diskName, "reading", StandardOpenOption.READ);
    }

    @Override
    public void demandRoom(List<Long> bytes) {
        VolumeGroup usable = group.usable();
        backend.demandRoom(bytes.stream().mapToLong(usable::roundUp).sum());
    }

    @Override
    public void createZero(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        createZero(LvmNames.volume(instanceUuid, diskName), sizeBytes, List.of(), progress);
    }

    /** @param tags of the volume */
    void createZero(String volume, long sizeBytes, List<String> tags, Progress progress) {
        backend.refuseSparse();
        backend.makeZero(volume, sizeBytes, tags, progress);
        group.settle();
    }

    @Override
    public DiskBytes openToFill(String instanceUuid, String diskName) {
        return channel(instanceUuid, diskName, "filling", StandardOpenOption.WRITE);
    }

    private DiskBytes channel(String instanceUuid, String diskName, String doing, OpenOption way) {
        Path device = group.device(
                group.existing(LvmNames.volume(instanceUuid, diskName)).name());
        try {
            return DiskBytes.of(FileChannel.open(device, way));
        } catch (IOException e) {
            throw StorageFailures.of(doing + " " + device, e);
        }
    }
}
