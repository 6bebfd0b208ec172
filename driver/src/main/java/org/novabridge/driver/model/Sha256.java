package org.novabridge.driver.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The checksum of this house (FIPS 180-4): of what goes between hosts, of bases, requests and tokens. */
public final class Sha256 {
    private Sha256() {}

    /** A new one, over nothing so far. */
    public static MessageDigest begin() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Ends it: 64 hexadecimal digits in small letters. */
    public static String hex(MessageDigest begun) {
        return HexFormat.of().formatHex(begun.digest());
    }
}
