package org.novabridge.driver.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.NativeLong;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether files in a folder can be written with O_DIRECT. Nova writes 4096 aligned bytes into a
 * file that it then removes (nova/privsep/utils.py 26.2.2, {@code supports_direct_io}); this does
 * the same on a file without a name (O_TMPFILE), so that nothing is seen or left behind.
 */
final class DirectIoProbe {
    private static final int ALIGNMENT = 4096;

    private DirectIoProbe() {}

    /** Yes, no, or empty where the file system has no nameless files or the folder may not be written. */
    static Optional<Boolean> supported(Path folder) {
        int descriptor;
        try {
            descriptor = LinuxCalls.LIBC.open(
                    folder.toString(),
                    LinuxCalls.oTmpfile() | LinuxCalls.oDirect() | LinuxCalls.O_RDWR | LinuxCalls.O_CLOEXEC,
                    0600);
        } catch (LastErrorException e) {
            return switch (e.getErrorCode()) {
                // As Nova: a folder that is not there does not support it either.
                case LinuxCalls.EINVAL, LinuxCalls.ENOENT -> Optional.of(false);
                default -> Optional.empty();
            };
        }
        try (Memory twice = new Memory(2L * ALIGNMENT)) {
            Memory aligned = (Memory) twice.align(ALIGNMENT);
            long written = LinuxCalls.LIBC
                    .write(descriptor, aligned, new NativeLong(ALIGNMENT))
                    .longValue();
            return Optional.of(written == ALIGNMENT);
        } catch (LastErrorException e) {
            return e.getErrorCode() == LinuxCalls.EINVAL ? Optional.of(false) : Optional.empty();
        } finally {
            LinuxCalls.LIBC.close(descriptor);
        }
    }
}
