package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Bounded reads anywhere in an image. What lies outside the file reads as an {@link OutOfBounds}, so
 * that every parser ends in one place when a header leads it astray.
 */
final class HeaderBytes {

    /** A header that points outside the file, or is cut. */
    static final class OutOfBounds extends Exception {
        private static final long serialVersionUID = 1L;

        OutOfBounds(String message) {
            super(message);
        }
    }

    private static final int LONGEST = 1 << 20;

    private final SeekableByteChannel channel;
    private final long size;

    HeaderBytes(SeekableByteChannel channel) throws IOException {
        this.channel = channel;
        this.size = channel.size();
    }

    long size() {
        return size;
    }

    byte[] bytes(long offset, int length) throws IOException, OutOfBounds {
        if (offset < 0 || length < 0 || length > LONGEST || offset > size - length) {
            throw new OutOfBounds("the header is truncated or points outside the file");
        }
        ByteBuffer buffer = ByteBuffer.allocate(length);
        channel.position(offset);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new OutOfBounds("the file became shorter while it was read");
            }
        }
        return buffer.array();
    }

    /** True when the text stands at the offset; false when the file ends before. */
    boolean has(long offset, String ascii) throws IOException {
        return has(offset, ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    boolean has(long offset, byte[] expected) throws IOException {
        try {
            return java.util.Arrays.equals(bytes(offset, expected.length), expected);
        } catch (OutOfBounds e) {
            return false;
        }
    }

    long be64(long offset) throws IOException, OutOfBounds {
        return ByteBuffer.wrap(bytes(offset, 8)).getLong();
    }

    long be32(long offset) throws IOException, OutOfBounds {
        return Integer.toUnsignedLong(ByteBuffer.wrap(bytes(offset, 4)).getInt());
    }

    long le64(long offset) throws IOException, OutOfBounds {
        return Long.reverseBytes(be64(offset));
    }

    long le32(long offset) throws IOException, OutOfBounds {
        return Integer.toUnsignedLong(
                Integer.reverseBytes(ByteBuffer.wrap(bytes(offset, 4)).getInt()));
    }

    int le16(long offset) throws IOException, OutOfBounds {
        return Short.toUnsignedInt(
                Short.reverseBytes(ByteBuffer.wrap(bytes(offset, 2)).getShort()));
    }
}
