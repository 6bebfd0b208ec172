package org.novabridge.driver.host;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * A guest's {@code console.log}: what its serial port has said. Its bytes are the guest's, its folder
 * may be written by Nova's user; so it is opened without following a link and without waiting for a
 * pipe's other end, and only a regular file is taken.
 *
 * <p>Who caps it: with virtlogd (libvirt's default for qemu:///system) virtlogd writes it and rolls it over at
 * {@code max_size} of {@code /etc/libvirt/virtlogd.conf} (2 MiB, three old files); nothing is to be
 * done here. With {@code stdio_handler = "file"}, as the embedded driver needs, QEMU writes it and
 * nobody bounds it: {@link #cap} is for that case. QEMU then has it open for appending (seen on 7.2
 * with libvirt 9.0: O_APPEND is set on its descriptor), so what it writes after a cut goes to the new
 * end of the file.
 */
public final class ConsoleLog {
    /** Cut at multiples of this, the usual block size of a file system. */
    private static final long CUT = 4096;

    private ConsoleLog() {}

    /**
     * The last bytes; empty when there is no log.
     *
     * @throws BridgeException FORBIDDEN when it is a link or no regular file
     */
    public static byte[] read(Path log, int maxBytes) {
        return opened(log, LinuxCalls.O_RDONLY, descriptor -> {
                    try (FileChannel channel = channel(descriptor, StandardOpenOption.READ)) {
                        long size = channel.size();
                        long from = Math.max(0, size - maxBytes);
                        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, maxBytes));
                        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
                            continue;
                        }
                        byte[] read = new byte[bytes.position()];
                        bytes.flip().get(read);
                        return read;
                    }
                })
                .orElse(new byte[0]);
    }

    /**
     * Takes the oldest part away when the log is larger than it may be; what is left is between half
     * of that and all of it.
     *
     * <p>Where the file system can cut a range out of a file (ext4, xfs), nothing is lost but the oldest text, even
     * while the guest writes. Elsewhere (tmpfs, btrfs, nfs) the file is emptied, because a copy of its
     * end put back could be mixed up with what the guest writes meanwhile. Between two calls a guest
     * may write as fast as it can: the log is bounded by this cap plus what is written in one interval.
     *
     * @return true when something was taken away
     */
    public static boolean cap(Path log, long maxBytes) {
        return opened(log, LinuxCalls.O_RDWR, descriptor -> {
                    try (FileChannel channel = channel(descriptor, StandardOpenOption.WRITE)) {
                        long size = channel.size();
                        if (size <= maxBytes) {
                            return false;
                        }
                        long oldest = (size - maxBytes / 2) / CUT * CUT;
                        if (oldest == 0 || !collapse(descriptor, oldest)) {
                            channel.truncate(0);
                        }
                        return true;
                    }
                })
                .orElse(false);
    }

    private static boolean collapse(int descriptor, long length) {
        try {
            LinuxCalls.LIBC.fallocate(descriptor, LinuxCalls.FALLOC_FL_COLLAPSE_RANGE, 0, length);
            return true;
        } catch (LastErrorException e) {
            return false;
        }
    }

    private interface Use<T> {
        T apply(int descriptor) throws IOException;
    }

    private static <T> Optional<T> opened(Path log, int mode, Use<T> use) {
        int descriptor;
        try {
            descriptor = LinuxCalls.LIBC.open(
                    log.toString(), mode | LinuxCalls.oNofollow() | LinuxCalls.O_NONBLOCK | LinuxCalls.O_CLOEXEC, 0);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == LinuxCalls.ENOENT) {
                return Optional.empty();
            }
            throw refused(log, String.valueOf(e.getMessage()));
        }
        try {
            if (!Files.readAttributes(handle(descriptor), BasicFileAttributes.class)
                    .isRegularFile()) {
                throw refused(log, "it is not a regular file");
            }
            return Optional.of(use.apply(descriptor));
        } catch (IOException e) {
            throw refused(log, String.valueOf(e.getMessage()));
        } finally {
            LinuxCalls.LIBC.close(descriptor);
        }
    }

    private static BridgeException refused(Path log, String why) {
        return new BridgeException(
                ErrorCode.FORBIDDEN,
                "the console log " + log + " is not used: " + why,
                "it must be a regular file that QEMU writes; look who put something else there");
    }

    /** The opened file itself, whatever its name means by now. */
    private static Path handle(int descriptor) {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    private static FileChannel channel(int descriptor, StandardOpenOption option) throws IOException {
        return FileChannel.open(handle(descriptor), option);
    }
}
