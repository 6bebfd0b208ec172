package org.novabridge.driver.transfer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.List;
import org.novabridge.driver.model.Sha256;

/**
 * Takes the frames of disks whose number, order and sizes were agreed on before. It writes nowhere but forward on the disk
 * whose turn it is, and only within its size.
 */
public final class DiskReceiver {
    private final List<Long> sizes;
    private final Target target;
    private final MessageDigest all = Sha256.begin();
    private DiskDigest digest = new DiskDigest();
    private int disk;
    private long position;
    private boolean complete;

    /** The disks here, which read as zero everywhere before. */
    public interface Target {
        void write(int disk, long offset, ByteBuffer data) throws IOException;

        /** What was written to the disk is on it for good. */
        void finish(int disk) throws IOException;
    }

    /** @param sizes in bytes, as the sender has them */
    public DiskReceiver(List<Long> sizes, Target target) {
        this.sizes = List.copyOf(sizes);
        this.target = target;
    }

    /**
     * Takes the next frame.
     *
     * @throws WireException when it cannot be the next one, or a checksum is another one; nothing may be taken after it
     */
    public void accept(Frame frame) throws IOException {
        if (complete) {
            throw new WireException("a frame after the last one");
        }
        switch (frame.kind()) {
            case OPEN -> throw new WireException("the transfer is opened twice");
            case DATA -> data(frame);
            case DISK_END -> diskEnd(frame);
            case END -> end(frame);
            case ALIVE -> demandTurn(frame);
        }
    }

    /** All disks are here, checked, and on the storage for good. */
    public boolean complete() {
        return complete;
    }

    private void data(Frame frame) throws IOException {
        long size = demandTurn(frame);
        int length = frame.payload().length;
        if (length == 0 || frame.offset() < position || frame.offset() > size - length) {
            throw new WireException("data of disk " + disk + " that is not further on, or beyond its end");
        }
        digest.data(frame.offset(), frame.payload());
        target.write(disk, frame.offset(), ByteBuffer.wrap(frame.payload()).asReadOnlyBuffer());
        position = frame.offset() + length;
    }

    private void diskEnd(Frame frame) throws IOException {
        long size = demandTurn(frame);
        byte[] checksum = digest.ended(size);
        if (frame.offset() != size || !MessageDigest.isEqual(checksum, frame.payload())) {
            throw new WireException("disk " + disk + " is not what was sent: its checksum is another one");
        }
        target.finish(disk);
        all.update(checksum);
        digest = new DiskDigest();
        position = 0;
        disk++;
    }

    private void end(Frame frame) throws WireException {
        if (disk != sizes.size() || frame.disk() != disk || frame.offset() != 0) {
            throw new WireException("the end came before the end of all disks");
        }
        if (!MessageDigest.isEqual(all.digest(), frame.payload())) {
            throw new WireException("the disks are not what was sent: the checksum of all is another one");
        }
        complete = true;
    }

    private long demandTurn(Frame frame) throws WireException {
        if (disk >= sizes.size() || frame.disk() != disk) {
            throw new WireException("a frame of a disk whose turn it is not");
        }
        return sizes.get(disk);
    }
}
