package org.novabridge.driver.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;

/**
 * The few system calls for which Java has no door. Each throws {@link LastErrorException} with errno
 * when it fails. The numbers are those of Linux on x86_64, aarch64 and others with the generic
 * table, but for O_DIRECT and O_DIRECTORY, which differ by architecture.
 */
interface LinuxCalls extends Library {
    LinuxCalls LIBC = Native.load("c", LinuxCalls.class);

    int O_RDONLY = 0;
    int O_RDWR = 2;
    int O_NONBLOCK = 04000;
    int O_CLOEXEC = 02000000;

    int ENOENT = 2;
    int EINVAL = 22;
    int EISDIR = 21;
    int EOPNOTSUPP = 95;

    int AF_UNIX = 1;
    int SOCK_DGRAM_CLOEXEC = 2 | O_CLOEXEC;

    int FALLOC_FL_COLLAPSE_RANGE = 8;

    static int oDirect() {
        return arm() ? 0200000 : 040000;
    }

    static int oNofollow() {
        return arm() ? 0100000 : 0400000;
    }

    /** O_TMPFILE contains the bit of O_DIRECTORY. */
    static int oTmpfile() {
        return 020000000 | (arm() ? 040000 : 0200000);
    }

    private static boolean arm() {
        return com.sun.jna.Platform.ARCH.startsWith("aarch64") || com.sun.jna.Platform.ARCH.startsWith("arm");
    }

    int open(String path, int flags, int mode) throws LastErrorException;

    int close(int descriptor) throws LastErrorException;

    NativeLong write(int descriptor, Pointer bytes, NativeLong count) throws LastErrorException;

    int fallocate(int descriptor, int mode, long offset, long length) throws LastErrorException;

    int socket(int family, int type, int protocol) throws LastErrorException;

    NativeLong sendto(int socket, byte[] message, NativeLong length, int flags, byte[] address, int addressLength)
            throws LastErrorException;

    /** The size of an extended attribute, or ENODATA as an error. */
    NativeLong getxattr(String path, String name, byte[] value, NativeLong size) throws LastErrorException;
}
