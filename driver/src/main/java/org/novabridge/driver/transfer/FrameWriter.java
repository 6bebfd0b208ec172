package org.novabridge.driver.transfer;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Writes frames to a stream. */
public final class FrameWriter {
    static final int MAGIC = 'N' << 8 | 'B';
    static final int HEADER = 18;
    static final int TRAILER = 4;

    private final OutputStream to;

    public FrameWriter(OutputStream to) {
        this.to = to;
    }

    /** @throws IllegalArgumentException for a frame that no receiver takes */
    public void write(Frame frame) throws IOException {
        byte[] payload = frame.payload();
        if (payload.length > frame.kind().most() || frame.disk() < 0 || frame.disk() > Frame.MAX_DISKS) {
            throw new IllegalArgumentException("not to be sent: " + frame);
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER)
                .putShort((short) MAGIC)
                .put((byte) Frame.VERSION)
                .put((byte) frame.kind().code())
                .putShort((short) frame.disk())
                .putInt(payload.length)
                .putLong(frame.offset());
        to.write(header.array());
        to.write(payload);
        to.write(ByteBuffer.allocate(TRAILER)
                .putInt(checksum(header.array(), payload))
                .array());
    }

    public void flush() throws IOException {
        to.flush();
    }

    static int checksum(byte[] header, byte[] payload) {
        CRC32C checksum = new CRC32C();
        checksum.update(header);
        checksum.update(payload);
        return (int) checksum.getValue();
    }
}
