package org.novabridge.driver.storage;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A disk at the other end of a UNIX socket, one request after the other: what of the NBD protocol this needs (its
 * doc/proto.md: fixed newstyle, option GO, simple replies). The server has read what a guest wrote, so nothing that it
 * says is believed beyond the limits of the request.
 */
final class NbdConnection implements DiskBytes {
    private static final Logger LOG = LoggerFactory.getLogger(NbdConnection.class);
    private static final long GREETING = 0x4e42444d41474943L;
    private static final long OPTION = 0x49484156454f5054L;
    private static final long OPTION_REPLY = 0x3e889045565a9L;
    private static final int REQUEST = 0x25609513;
    private static final int REPLY = 0x67446698;
    private static final int FIXED_NEWSTYLE = 1;
    private static final int NO_ZEROES = 2;
    private static final int GO = 7;
    private static final int ACK = 1;
    private static final int INFO = 3;
    private static final int INFO_EXPORT = 0;
    private static final int MOST_OPTION_REPLY = 4096;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int DISCONNECT = 2;
    private static final int FLUSH = 3;

    /** Far below the 32 MiB that every server takes. */
    private static final int MOST = 1 << 20;

    private final SocketChannel channel;
    private long size;
    private long handle;

    private NbdConnection(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Connects, and waits for nothing that the server says: {@link #negotiate} does.
     *
     * @throws java.net.SocketException while nobody listens there
     */
    static NbdConnection to(Path socket) throws IOException {
        return new NbdConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    /** Size of the disk in bytes, as the server says it. */
    long size() {
        return size;
    }

    /** Before the first request. */
    void negotiate() throws IOException {
        size = negotiated();
    }

    private long negotiated() throws IOException {
        ByteBuffer greeting = read(channel, 18);
        if (greeting.getLong() != GREETING
                || greeting.getLong() != OPTION
                || (greeting.getShort() & FIXED_NEWSTYLE) == 0) {
            throw new IOException("what answers is no NBD server");
        }
        // The export without a name, and nothing asked about it.
        write(
                channel,
                ByteBuffer.allocate(4 + 16 + 6)
                        .putInt(FIXED_NEWSTYLE | NO_ZEROES)
                        .putLong(OPTION)
                        .putInt(GO)
                        .putInt(6)
                        .putInt(0)
                        .putShort((short) 0)
                        .flip());
        long said = -1;
        while (true) {
            ByteBuffer header = read(channel, 20);
            long magic = header.getLong();
            int option = header.getInt();
            int kind = header.getInt();
            int length = header.getInt();
            if (magic != OPTION_REPLY || option != GO || length < 0 || length > MOST_OPTION_REPLY) {
                throw new IOException("the NBD server answers out of turn");
            }
            ByteBuffer data = read(channel, length);
            if (kind == ACK && said >= 0) {
                return said;
            }
            if (kind != INFO) {
                throw new IOException("the NBD server refuses: 0x" + Integer.toHexString(kind));
            }
            if (length >= 12 && data.getShort() == INFO_EXPORT) {
                said = data.getLong();
            }
        }
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        if (at >= size) {
            return -1;
        }
        int length = (int) Math.min(Math.min(into.remaining(), MOST), size - at);
        request(READ, at, length);
        answered();
        int limit = into.limit();
        into.limit(into.position() + length);
        try {
            while (into.hasRemaining()) {
                if (channel.read(into) < 0) {
                    throw gone();
                }
            }
        } finally {
            into.limit(limit);
        }
        return length;
    }

    @Override
    public int write(ByteBuffer from, long at) throws IOException {
        int length = Math.min(from.remaining(), MOST);
        if (at > size - length) {
            throw new IOException("beyond the end of the disk");
        }
        request(WRITE, at, length);
        ByteBuffer part = from.duplicate().limit(from.position() + length);
        write(channel, part);
        answered();
        from.position(from.position() + length);
        return length;
    }

    @Override
    public void flush() throws IOException {
        request(FLUSH, 0, 0);
        answered();
    }

    /** Without a word to the server; a thread that waits for its answer waits no more. */
    @Override
    public void abandon() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection to an NBD server does not close: {}", e.getMessage());
        }
    }

    /** Tells the server, which ends when nobody is connected. */
    @Override
    public void close() throws IOException {
        try (channel) {
            request(DISCONNECT, 0, 0);
        }
    }

    private void request(int kind, long at, int length) throws IOException {
        write(
                channel,
                ByteBuffer.allocate(28)
                        .putInt(REQUEST)
                        .putShort((short) 0)
                        .putShort((short) kind)
                        .putLong(++handle)
                        .putLong(at)
                        .putInt(length)
                        .flip());
    }

    private void answered() throws IOException {
        ByteBuffer reply = read(channel, 16);
        int magic = reply.getInt();
        int error = reply.getInt();
        if (magic != REPLY || reply.getLong() != handle) {
            throw new IOException("the NBD server answers out of turn");
        }
        if (error != 0) {
            throw new IOException(said(error));
        }
    }

    /** The protocol's own numbers, which are Linux's. */
    private static String said(int error) {
        return switch (error) {
            case 5 -> "Input/output error";
            case 12 -> "Cannot allocate memory";
            case 28 -> "No space left on device";
            default -> "error " + error;
        };
    }

    private static ByteBuffer read(SocketChannel from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (from.read(buffer) < 0) {
                throw gone();
            }
        }
        return buffer.flip();
    }

    private static IOException gone() {
        return new EOFException("the NBD server has gone");
    }

    private static void write(SocketChannel to, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }
}
