package org.novabridge.driver.exec;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;

/** The system call that makes a FIFO, for which Java has no door; a program for it would cost each command another one. */
interface FifoCall extends Library {
    FifoCall LIBC = Native.load("c", FifoCall.class);

    int mkfifo(String path, int mode) throws LastErrorException;
}
