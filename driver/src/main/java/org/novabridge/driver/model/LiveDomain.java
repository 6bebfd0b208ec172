package org.novabridge.driver.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What nova-bridge reads back from libvirt's document of an existing guest; everything else in it is
 * left alone.
 *
 * @param consoleLog file that receives the guest's serial output
 * @param metadata what Nova recorded; null for a guest that is not Nova's
 * @param ioThreads how many there are, and where they run when all of them are pinned alike
 * @param scsiDriver of the first SCSI controller; null when it is not tuned
 * @param disks in the order of the document
 * @param macs addresses of its interfaces, in small letters
 */
public record LiveDomain(
        String uuid,
        String name,
        @Nullable String virtType,
        long memoryKib,
        int vcpus,
        @Nullable String machine,
        @Nullable String consoleLog,
        @Nullable NovaMetadata metadata,
        IoThreads ioThreads,
        GuestDevice.@Nullable ControllerDriver scsiDriver,
        List<LiveDisk> disks,
        Set<String> macs,
        List<LiveDisplay> displays) {
    public LiveDomain {
        disks = List.copyOf(disks);
        macs = Set.copyOf(macs);
        displays = List.copyOf(displays);
    }

    /**
     * A way to see the guest over TCP: a display (vnc, spice), or a serial console (serial).
     *
     * @param port TCP port while the guest runs; null when none is open
     */
    public record LiveDisplay(
            String type, @Nullable Integer port, @Nullable String listen) {}

    /** The disk with a target name ({@code vda}). */
    public Optional<LiveDisk> disk(String target) {
        return disks.stream().filter(disk -> disk.target().equals(target)).findFirst();
    }
}
