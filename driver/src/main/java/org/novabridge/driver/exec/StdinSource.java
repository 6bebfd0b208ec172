package org.novabridge.driver.exec;

import java.io.IOException;
import java.io.OutputStream;

/** Writes what a program reads from its standard input, on a thread of its own, while the program runs. */
@FunctionalInterface
public interface StdinSource {

    /**
     * Writes all of it; the stream is closed afterwards, also after a failure, so a program that knows where its input ends
     * sees that it was cut off.
     */
    void writeTo(OutputStream to) throws IOException;
}
