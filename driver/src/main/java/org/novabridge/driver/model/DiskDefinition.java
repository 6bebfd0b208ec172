package org.novabridge.driver.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A disk of a guest, decided in full. Null attributes are not written to the domain document, as in
 * Nova (nova/virt/libvirt/config.py 26.2.2, LibvirtConfigGuestDisk).
 *
 * @param name Nova's disk name ({@code disk}, {@code disk.local}, {@code disk.eph0}, {@code disk.swap},
 *     {@code disk.config}, {@code disk.rescue}, {@code disk.config.rescue}) or, for a volume, its device ({@code /dev/vdb})
 * @param backend what makes the disk: raw, qcow2, lvm, rbd; {@code volume} for what Cinder made
 * @param sizeBytes size to create; null for the image's own size and for volumes
 * @param fileSystem file system of an ephemeral disk when the request names one
 * @param label label of an ephemeral disk
 * @param source where the blocks are
 * @param device disk, cdrom, floppy, lun
 * @param driverName qemu, or null where Nova writes none
 * @param format driver type: raw, qcow2
 * @param targetDev name in the guest's scheme ({@code vda})
 * @param ioTune limits by libvirt's element name, in the order they are written
 * @param bootIndex Nova's boot index, counted from 1; of a rescue disk the order in which the firmware tries it; null
 *     when the disk is not booted from
 * @param address unit on the virtio-scsi controller
 * @param authUser user of a network disk; with {@code authSecretUuid} null the document names no secret
 * @param secret UUID of the secret of libvirt's by which QEMU decrypts a volume; null when QEMU does not
 * @param tuning how QEMU's device serves it
 * @param provenance why each attribute is what it is
 */
public record DiskDefinition(
        DiskRole role,
        String name,
        String backend,
        @Nullable Long sizeBytes,
        @Nullable String fileSystem,
        @Nullable String label,
        DiskSource source,
        String device,
        @Nullable String driverName,
        @Nullable String format,
        @Nullable String cache,
        @Nullable String io,
        @Nullable String discard,
        String targetDev,
        String targetBus,
        @Nullable String serial,
        Map<String, String> ioTune,
        @Nullable String logicalBlockSize,
        @Nullable String physicalBlockSize,
        boolean readOnly,
        boolean shareable,
        @Nullable Integer bootIndex,
        @Nullable DriveAddress address,
        @Nullable Auth auth,
        @Nullable String secret,
        DiskTuning tuning,
        List<Provenance> provenance) {
    public DiskDefinition {
        ioTune = Collections.unmodifiableMap(new LinkedHashMap<>(ioTune));
        provenance = List.copyOf(provenance);
    }

    /** Place of a disk on a virtio-scsi controller. */
    public record DriveAddress(int controller, int unit) {}

    /**
     * Authentication of a network disk; the secret's value is libvirt's, never ours.
     *
     * @param type ceph
     */
    public record Auth(
            @Nullable String username,
            String type,
            @Nullable String secretUuid) {}

    /** The same at another place of the controller. */
    public DiskDefinition at(DriveAddress place) {
        return with(source, place, tuning);
    }

    /** The same with its blocks elsewhere. */
    public DiskDefinition on(DiskSource otherSource) {
        return with(otherSource, address, tuning);
    }

    /** The same on other I/O threads, or on none. */
    public DiskDefinition onThreads(List<Integer> threads) {
        return with(source, address, tuning.onThreads(threads));
    }

    private DiskDefinition with(DiskSource newSource, @Nullable DriveAddress newAddress, DiskTuning newTuning) {
        return new DiskDefinition(
                role,
                name,
                backend,
                sizeBytes,
                fileSystem,
                label,
                newSource,
                device,
                driverName,
                format,
                cache,
                io,
                discard,
                targetDev,
                targetBus,
                serial,
                ioTune,
                logicalBlockSize,
                physicalBlockSize,
                readOnly,
                shareable,
                bootIndex,
                newAddress,
                auth,
                secret,
                newTuning,
                provenance);
    }

    /** Why the attribute is what it is. */
    public Optional<Provenance> why(DiskAttribute attribute) {
        return provenance.stream().filter(p -> p.attribute() == attribute).findFirst();
    }
}
