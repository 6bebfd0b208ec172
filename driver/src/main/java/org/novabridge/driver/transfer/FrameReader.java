package org.novabridge.driver.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads frames from a stream that anybody may have written. It never takes more memory than the largest frame. */
public final class FrameReader {
    private final InputStream from;

    public FrameReader(InputStream from) {
        this.from = from;
    }

    /**
     * The next frame; null at the end of the stream.
     *
     * @throws WireException when what comes is no frame, another version's, too long, damaged, or cut off
     */
    public @Nullable Frame next() throws IOException {
        byte[] header = from.readNBytes(FrameWriter.HEADER);
        if (header.length == 0) {
            return null;
        }
        if (header.length < FrameWriter.HEADER) {
            throw cutOff();
        }
        ByteBuffer fields = ByteBuffer.wrap(header);
        if ((fields.getShort() & 0xffff) != FrameWriter.MAGIC) {
            throw new WireException("what came is no frame of a transfer");
        }
        int version = fields.get() & 0xff;
        if (version != Frame.VERSION) {
            throw new WireException("a frame of version " + version + ", and this bridge knows " + Frame.VERSION);
        }
        Frame.Kind kind = Frame.Kind.of(fields.get() & 0xff);
        int disk = fields.getShort() & 0xffff;
        int length = fields.getInt();
        long offset = fields.getLong();
        if (length < 0 || length > kind.most() || disk > Frame.MAX_DISKS || offset < 0) {
            throw new WireException("a frame beyond its limits");
        }
        byte[] payload = from.readNBytes(length);
        byte[] trailer = from.readNBytes(FrameWriter.TRAILER);
        if (payload.length < length || trailer.length < FrameWriter.TRAILER) {
            throw cutOff();
        }
        if (ByteBuffer.wrap(trailer).getInt() != FrameWriter.checksum(header, payload)) {
            throw new WireException("a frame is damaged: its checksum is another one");
        }
        return new Frame(kind, disk, offset, payload);
    }

    private static WireException cutOff() {
        return new WireException("the stream ends in the middle of a frame");
    }
}
