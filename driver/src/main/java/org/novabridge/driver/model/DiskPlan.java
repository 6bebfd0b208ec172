package org.novabridge.driver.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All disks of a guest.
 *
 * @param disks in the order of the domain document; the first is the root disk
 * @param rootDeviceName {@code /dev/vda}
 * @param diskBus bus of disks that name none
 * @param cdromBus bus of CD-ROMs that name none
 * @param scsiModel model of the SCSI controller; null when the domain gets none
 * @param scsiDriver what the virtio-scsi controller is tuned to; null when nothing is
 * @param ioThreads those that the disks use
 * @param bootDevices {@code <boot dev=…>} in order: hd, cdrom, fd
 * @param updates what the caller saves: device names by disk name, those of volumes in the order of the volumes but that one
 *     which comes to a guest that is there is the last; and default device names
 */
public record DiskPlan(
        List<DiskDefinition> disks,
        @Nullable String rootDeviceName,
        String diskBus,
        String cdromBus,
        @Nullable String scsiModel,
        GuestDevice.@Nullable ControllerDriver scsiDriver,
        IoThreads ioThreads,
        List<String> bootDevices,
        Map<String, String> updates) {
    public DiskPlan {
        disks = List.copyOf(disks);
        bootDevices = List.copyOf(bootDevices);
        // In their order: Map.copyOf has one of its own in each process.
        updates = Collections.unmodifiableMap(new LinkedHashMap<>(updates));
    }

    /** The same with other definitions of its disks. */
    public DiskPlan with(List<DiskDefinition> others) {
        return new DiskPlan(
                others, rootDeviceName, diskBus, cdromBus, scsiModel, scsiDriver, ioThreads, bootDevices, updates);
    }

    /** The disk of a Nova name ({@code disk.swap}). */
    public Optional<DiskDefinition> disk(String name) {
        return disks.stream().filter(d -> d.name().equals(name)).findFirst();
    }
}
