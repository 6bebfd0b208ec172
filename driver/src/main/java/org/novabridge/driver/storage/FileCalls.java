package org.novabridge.driver.storage;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * The system calls that Java has no door for. Without the first nothing can be done safely in a folder of somebody
 * else's: opening a name without following it and without acting on what it names (open(2), O_PATH). The second tells
 * where a file has holes (lseek(2), SEEK_DATA).
 */
interface FileCalls extends Library {
    FileCalls LIBC = Native.load("c", FileCalls.class);

    int O_CLOEXEC = 02000000;
    int O_PATH = 010000000;
    int ENOENT = 2;
    int ENOTDIR = 20;
    int ENAMETOOLONG = 36;
    int ELOOP = 40;

    /** Differs by architecture, as {@link #oDirectory} does. */
    static int oNofollow() {
        return arm() ? 0100000 : 0400000;
    }

    static int oDirectory() {
        return arm() ? 040000 : 0200000;
    }

    private static boolean arm() {
        return Platform.ARCH.startsWith("aarch64") || Platform.ARCH.startsWith("arm");
    }

    int open(String path, int flags) throws LastErrorException;

    long lseek(int descriptor, long offset, int whence) throws LastErrorException;

    int close(int descriptor) throws LastErrorException;
}
