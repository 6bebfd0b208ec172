package org.novabridge.driver.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** An open disk: the guest's bytes, each by its place, whatever the storage makes of them. For one thread at a time. */
public interface DiskBytes extends Closeable {

    /**
     * Reads some bytes.
     *
     * @param at place of the first on the disk
     * @return how many; -1 behind the end of the disk
     */
    int read(ByteBuffer into, long at) throws IOException;

    /**
     * Writes some bytes.
     *
     * @param at place of the first on the disk
     * @return how many
     */
    int write(ByteBuffer from, long at) throws IOException;

    /** What was written is on the storage for good. */
    void flush() throws IOException;

    /**
     * Nobody wants it any more: a call that waits in it fails soon, and so does each after it. Of any thread, at any time;
     * it is still to be closed. A file or device of the kernel's has nothing that could be ended.
     */
    default void abandon() {}

    /** A file or device that holds the guest's bytes as they are; closed with it. */
    static DiskBytes of(FileChannel channel) {
        return new DiskBytes() {
            @Override
            public int read(ByteBuffer into, long at) throws IOException {
                return channel.read(into, at);
            }

            @Override
            public int write(ByteBuffer from, long at) throws IOException {
                return channel.write(from, at);
            }

            @Override
            public void flush() throws IOException {
                channel.force(true);
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
