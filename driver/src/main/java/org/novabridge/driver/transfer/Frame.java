package org.novabridge.driver.transfer;

import java.util.Arrays;

/**
 * One frame of a transfer. On the wire, big-endian: {@code NB}, version (1 byte), kind (1), disk (2), length of the
 * payload (4), offset (8), payload, and the CRC-32C of all that (4).
 *
 * @param disk number of the disk, in the order that was agreed on; 0 in {@link Kind#OPEN}, how many there are in {@link
 *     Kind#END}
 * @param offset place of the data on the disk; size of the disk in {@link Kind#DISK_END}; 0 in others
 * @param payload not copied, and not to be changed
 */
@SuppressWarnings("ArrayRecordComponent")
public record Frame(Kind kind, int disk, long offset, byte[] payload) {

    /** Version of the frames and of their order; the two hosts have the same, or nothing is sent. */
    public static final int VERSION = 1;

    /** The most bytes of a disk in one frame. */
    public static final int MAX_DATA = 1 << 20;

    /** The most bytes of a frame as it travels. */
    public static final int MAX_WIRE = MAX_DATA + FrameWriter.HEADER + FrameWriter.TRAILER;

    /** The most disks of an instance: root, 16 ephemeral ones, swap and config drive are far fewer. */
    public static final int MAX_DISKS = 64;

    /** What a frame is, with the most bytes that its payload may have. */
    public enum Kind {
        /** First of all: who sends, and by which right. */
        OPEN(1, 4096),
        /** A part of a disk. */
        DATA(2, MAX_DATA),
        /** A disk is complete; the payload is its checksum. */
        DISK_END(3, DiskDigest.BYTES),
        /** All disks are complete; the payload is the checksum of their checksums. */
        END(4, DiskDigest.BYTES),
        /** The sender goes on, and has found nothing to send for a while. */
        ALIVE(5, 0);

        private final int code;
        private final int most;

        Kind(int code, int most) {
            this.code = code;
            this.most = most;
        }

        int code() {
            return code;
        }

        int most() {
            return most;
        }

        static Kind of(int code) throws WireException {
            return Arrays.stream(values())
                    .filter(kind -> kind.code == code)
                    .findFirst()
                    .orElseThrow(() -> new WireException("a frame of unknown kind " + code));
        }
    }

    /** Without the payload, which is the guest's. */
    @Override
    public String toString() {
        return kind + " of disk " + disk + " at " + offset + ", " + payload.length + " bytes";
    }
}
