package org.novabridge.driver.transfer;

import java.io.IOException;

/** What came over the wire is not what it should be. The text never repeats what came. */
public final class WireException extends IOException {
    private static final long serialVersionUID = 1L;

    WireException(String message) {
        super(message);
    }
}
