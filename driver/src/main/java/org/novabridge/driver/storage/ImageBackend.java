package org.novabridge.driver.storage;

import java.util.List;
import java.util.Optional;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;

/**
 * Makes and removes the disks of instances in one kind of storage. Disk names are Nova's: {@code
 * disk}, {@code disk.local}, {@code disk.eph0}, {@code disk.swap}, {@code disk.config}.
 *
 * <p>Every call is safe to repeat. {@code create} leaves nothing behind when it throws; what a crash
 * leaves is removed by {@code remove}, which treats a missing disk as success.
 */
public interface ImageBackend {

    /** The value of {@code images_type} that this backend serves: raw, qcow2, lvm, rbd. */
    String name();

    BackendCapabilities capabilities();

    /** Where the disk is or would be; touches nothing. */
    DiskSource locate(String instanceUuid, String diskName);

    /**
     * Format of an existing or coming disk for {@code <driver type=…>}: what was recorded when it was
     * made, never probed.
     */
    default String format(String instanceUuid, String diskName) {
        return capabilities().driverFormat();
    }

    boolean exists(String instanceUuid, String diskName);

    /**
     * Before a first disk is made: what all of them lie on is there.
     *
     * @throws BridgeException VOLUME_GROUP_UNUSABLE
     */
    default void demandPlace() {}

    /** As {@link #exists}, and whether a growth of it is still to be finished before a guest may have it. */
    default DiskState state(String instanceUuid, String diskName) {
        return exists(instanceUuid, diskName) ? DiskState.READY : DiskState.MISSING;
    }

    /**
     * Before a disk is taken over that somebody else has made in this layout.
     *
     * @param format by which its guest has it; the disk is never asked, since a guest may have written what it says
     * @throws BridgeException DISK_NOT_FOUND, INVALID_DISK_FORMAT, INVALID_DISK_INFO, STORAGE_FAILED
     */
    default void demandTakeable(String instanceUuid, String diskName, String format) {
        if (!exists(instanceUuid, diskName)) {
            throw new BridgeException(
                    ErrorCode.DISK_NOT_FOUND,
                    "disk " + diskName + " of instance " + instanceUuid + " is missing: "
                            + locate(instanceUuid, diskName).place().orElse(""),
                    "bring it back (activate the volume group, mount the file system)");
        }
        if (!format.equals(capabilities().driverFormat())) {
            throw new BridgeException(
                    ErrorCode.INVALID_DISK_FORMAT,
                    "disk " + diskName + " of instance " + instanceUuid + " is used as " + format + ", and disks of "
                            + name() + " are " + capabilities().driverFormat());
        }
    }

    /** Names of the disks that exist for the instance. */
    List<String> list(String instanceUuid);

    /**
     * Creates the disk; fails when it exists.
     *
     * @throws BridgeException FLAVOR_DISK_SMALLER_THAN_IMAGE, STORAGE_FULL, STORAGE_FAILED,
     *     CANCELLED, …
     */
    void create(String instanceUuid, String diskName, DiskContent content, Progress progress);

    /**
     * Makes a disk anew. The old one has the name until the new one is complete and takes it, so there is no moment without,
     * and it stays when this fails.
     *
     * @throws BridgeException NOT_SUPPORTED where no disk is ever made anew; as {@link #create}
     */
    default void renew(String instanceUuid, String diskName, DiskContent content, Progress progress) {
        throw new BridgeException(
                ErrorCode.NOT_SUPPORTED,
                "disk " + diskName + " of instance " + instanceUuid + " is of images_type " + name()
                        + ", whose disks are not made anew",
                "delete the instance and make it again");
    }

    /**
     * Makes what the root disks of an image are made from in this storage, before a guest needs it; what is there stays.
     *
     * @throws BridgeException as {@link #create}
     */
    default void warm(CachedImage image, Progress progress) {}

    /**
     * Before the disks of an instance are removed for others of the same sizes, of which the root's is made from this image:
     * there is room for what that takes beside them. Changes nothing.
     *
     * @throws BridgeException STORAGE_FULL, VOLUME_GROUP_UNUSABLE
     */
    default void demandReplaceable(String instanceUuid, CachedImage image) {}

    /**
     * Grows the disk to at least the given size in bytes; never shrinks. A growth that was interrupted is finished,
     * also by a size that it has already.
     */
    void grow(String instanceUuid, String diskName, long sizeBytes, Progress progress);

    /** Wipes as configured and removes the disk. A missing disk is success. */
    void remove(String instanceUuid, String diskName, Progress progress);

    /** What must be done before a guest can have one of these disks; empty when they are not encrypted. */
    default Optional<EncryptedDisks> encryption() {
        return Optional.empty();
    }

    /** Pictures of disks that guests are writing to; empty when this storage has none. */
    default Optional<DiskSnapshots> snapshots() {
        return Optional.empty();
    }

    /** What disks were before a resize; empty when this storage keeps nothing. */
    default Optional<KeptDisks> kept() {
        return Optional.empty();
    }

    /** Disks on their way to another host; empty when this storage sends and takes none. */
    default Optional<DiskStreams> streams() {
        return Optional.empty();
    }
}
