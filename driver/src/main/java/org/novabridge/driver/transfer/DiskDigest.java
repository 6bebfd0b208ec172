package org.novabridge.driver.transfer;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.novabridge.driver.model.Sha256;

/** SHA-256 over what is sent of a disk, place by place; both ends compute it. */
final class DiskDigest {
    static final int BYTES = 32;

    private final MessageDigest digest = Sha256.begin();

    void data(long offset, byte[] data) {
        digest.update(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                .putLong(offset)
                .putInt(data.length)
                .array());
        digest.update(data);
    }

    /** The checksum with the size of the disk; this one is used up then. */
    byte[] ended(long size) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(size).array());
        return digest.digest();
    }
}
