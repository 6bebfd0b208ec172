package org.novabridge.driver.storage;

import java.util.List;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * Disks as plain bytes, for their way to another host and from there. What a disk holds where nothing is allocated is
 * zero, on both ends: the sender leaves it out, and the receiver begins with a disk that is nothing but zeroes. No guest
 * runs on a disk meanwhile.
 */
public interface DiskStreams {

    /**
     * A part of a disk.
     *
     * @param from first byte
     * @param to the byte after the last one
     */
    record Range(long from, long to) {
        public Range {
            if (from < 0 || to <= from) {
                throw new IllegalArgumentException("no range: " + from + " to " + to);
            }
        }

        public long length() {
            return to - from;
        }
    }

    /**
     * Where a disk may hold something.
     *
     * @param size of the disk, in bytes
     * @param allocated ascending and apart from one another; all else reads as zero
     */
    record Allocation(long size, List<Range> allocated) {
        public Allocation {
            allocated = List.copyOf(allocated);
        }

        /** Of a disk that may hold something everywhere. */
        public static Allocation everywhere(long size) {
            return new Allocation(size, size == 0 ? List.of() : List.of(new Range(0, size)));
        }

        public long bytes() {
            return allocated.stream().mapToLong(Range::length).sum();
        }
    }

    /**
     * Size of the disk in bytes.
     *
     * @throws BridgeException DISK_NOT_FOUND, NOT_SUPPORTED when the guest's bytes cannot be read from it
     */
    long size(String instanceUuid, String diskName);

    /**
     * How the bytes that are sent are encrypted, in words for {@link #taking} on the other host; none when they are the
     * guest's own. Whoever has no key makes nothing of them, and nobody needs one to send or take them.
     */
    default List<String> encryption(String instanceUuid, String diskName) {
        return List.of();
    }

    /**
     * Streams for a disk that comes encrypted so.
     *
     * @param encryption of {@link #encryption} on the host that it comes from
     * @throws BridgeException NOT_SUPPORTED when it would be none of these disks
     */
    default DiskStreams taking(List<String> encryption) {
        if (!encryption.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    "the disk comes encrypted, and would not be encrypted here",
                    "set [ephemeral_storage_encryption] and images_type = lvm alike on both hosts");
        }
        return this;
    }

    /**
     * What is to be made, and sent, for a disk of so many bytes.
     *
     * @param diskBytes as the guest sees it
     */
    default long size(long diskBytes) {
        return diskBytes;
    }

    /** Where the disk may hold something; looks into no block that its storage knows to be unallocated. */
    Allocation allocation(String instanceUuid, String diskName);

    /** Takes away what a crash has left of a look at {@link #allocation}; none is success. */
    default void releaseLook() {}

    /** Opens the disk, from whose start to its size can be read. */
    DiskBytes open(String instanceUuid, String diskName);

    /**
     * Whether so much more fits; changes nothing.
     *
     * @param bytes sizes of all the disks that are to come
     * @throws BridgeException STORAGE_FULL, VOLUME_GROUP_UNUSABLE, NOT_SUPPORTED when a program is missing
     */
    void demandRoom(List<Long> bytes);

    /**
     * Makes a disk every byte of which reads as zero here. An existing one is never touched; what a failure leaves is taken
     * away.
     *
     * @throws BridgeException STORAGE_FULL, STORAGE_FAILED, VOLUME_GROUP_UNUSABLE, CANCELLED
     */
    void createZero(String instanceUuid, String diskName, long sizeBytes, Progress progress);

    /** Opens a disk of {@link #createZero} to be written to. */
    DiskBytes openToFill(String instanceUuid, String diskName);
}
