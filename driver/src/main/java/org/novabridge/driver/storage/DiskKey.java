package org.novabridge.driver.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * The key of an encrypted disk, as the key manager gives its bytes. It has no text form, is never written anywhere,
 * and its bytes are zeroed when it is closed. What others made of it meanwhile (the input of a process, a network
 * buffer) is out of its reach and goes with the next garbage collection.
 */
public final class DiskKey implements AutoCloseable {
    /** 128 bits: less is no key but a typing error, or can be guessed. */
    public static final int SHORTEST = 16;

    public static final int LONGEST = 512;

    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;

    private DiskKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Takes a copy.
     *
     * @throws BridgeException INVALID_REQUEST when it is shorter or longer than a key may be
     */
    public static DiskKey of(byte[] bytes) {
        if (bytes.length < SHORTEST || bytes.length > LONGEST) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "a key of " + bytes.length + " bytes: it must have " + SHORTEST + " to " + LONGEST,
                    "send the bytes of the key as they are, with nothing before or behind them");
        }
        return new DiskKey(bytes.clone());
    }

    DiskKey copy() {
        return new DiskKey(bytes.clone());
    }

    /**
     * What cryptsetup is given: the bytes as lower-case hexadecimal digits, as Nova and os-brick give them
     * (nova/privsep/libvirt.py 26.2.2, {@code dmcrypt_create_volume}). The caller zeroes it.
     */
    public byte[] passphrase() {
        byte[] text = new byte[bytes.length * 2];
        for (int i = 0; i < bytes.length; i++) {
            text[2 * i] = DIGITS[(bytes[i] >> 4) & 0xf];
            text[2 * i + 1] = DIGITS[bytes[i] & 0xf];
        }
        return text;
    }

    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public String toString() {
        return "DiskKey(***)";
    }
}
