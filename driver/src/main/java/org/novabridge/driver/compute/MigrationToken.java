package org.novabridge.driver.compute;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.novabridge.driver.model.Sha256;

/** The secret of one migration: who has it may send these disks and say what becomes of them, once. */
final class MigrationToken {
    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{" + 2 * BYTES + "}");

    private MigrationToken() {}

    static String fresh() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    static boolean wellFormed(String token) {
        return FORM.matcher(token).matches();
    }

    /** What the destination keeps of it. */
    static String hash(String token) {
        MessageDigest digest = Sha256.begin();
        digest.update(token.getBytes(StandardCharsets.UTF_8));
        return Sha256.hex(digest);
    }

    /** Takes as long for one that is nearly right as for any other. */
    static boolean matches(String token, String hash) {
        return MessageDigest.isEqual(
                hash(token).getBytes(StandardCharsets.US_ASCII), hash.getBytes(StandardCharsets.US_ASCII));
    }
}
