package org.novabridge.driver.model;

import java.util.Arrays;

/**
 * A password for a user in a guest: UTF-8, as it came. It has no text form, is never written anywhere, and its bytes are
 * zeroed when it is closed. What others made of it meanwhile (a network buffer, libvirt's message to the agent) is out of
 * its reach.
 */
public final class GuestPassword implements AutoCloseable {
    /** More than any crypt(3) takes into account; less would be a limit that Nova does not have. */
    public static final int LONGEST = 4096;

    private final byte[] bytes;

    private GuestPassword(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Takes a copy.
     *
     * @throws BridgeException INVALID_REQUEST when it is too long, or no text that a password can be
     */
    public static GuestPassword of(byte[] bytes) {
        if (bytes.length > LONGEST) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "a password of " + bytes.length + " bytes: it may have " + LONGEST,
                    "send the password as it is, with nothing before or behind it");
        }
        for (byte one : bytes) {
            if (one == 0) {
                throw new BridgeException(
                        ErrorCode.INVALID_REQUEST,
                        "the password has a zero byte, at which the guest would take it to end",
                        "send it as UTF-8");
            }
        }
        return new GuestPassword(bytes.clone());
    }

    /** Its bytes; the caller zeroes them. */
    public byte[] utf8() {
        return bytes.clone();
    }

    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public String toString() {
        return "GuestPassword(***)";
    }
}
