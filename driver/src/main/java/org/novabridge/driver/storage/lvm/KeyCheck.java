package org.novabridge.driver.storage.lvm;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.novabridge.driver.storage.DiskKey;

/**
 * Tells the key of a volume from any other. A plain volume opens with every key, and the guest that finds noise where
 * its file system was may well make a new one there; so a salted, slow hash of the key is kept as a tag of the volume.
 * It helps nobody to guess the key: keys have 128 bits and more, and the volume itself can be tried with less work.
 */
final class KeyCheck {
    private static final int ROUNDS = 50_000;
    private static final int BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    private KeyCheck() {}

    /** As an LVM tag. */
    static String tag(DiskKey key) {
        byte[] salt = new byte[BYTES];
        RANDOM.nextBytes(salt);
        return LvmNames.KEY_CHECK_TAG + HexFormat.of().formatHex(salt) + "-"
                + HexFormat.of().formatHex(hash(key, salt));
    }

    /** Whether it is the key that the volume was made with; empty when its tags do not say. */
    static Optional<Boolean> matches(List<String> tags, DiskKey key) {
        return text(tags)
                .map(text -> MessageDigest.isEqual(
                        HexFormat.of().parseHex(text.substring(33)),
                        hash(key, HexFormat.of().parseHex(text.substring(0, 32)))));
    }

    /** Whether the tags of a volume say anything of its key. */
    static boolean isIn(List<String> tags) {
        return text(tags).isPresent();
    }

    private static Optional<String> text(List<String> tags) {
        return tags.stream()
                .filter(tag -> tag.startsWith(LvmNames.KEY_CHECK_TAG))
                .map(tag -> tag.substring(LvmNames.KEY_CHECK_TAG.length()))
                .filter(text -> text.matches("[0-9a-f]{32}-[0-9a-f]{32}"))
                .findFirst();
    }

    private static byte[] hash(DiskKey key, byte[] salt) {
        byte[] text = key.passphrase();
        char[] characters =
                StandardCharsets.US_ASCII.decode(java.nio.ByteBuffer.wrap(text)).array();
        PBEKeySpec spec = new PBEKeySpec(characters, salt, ROUNDS, BYTES * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has PBKDF2", e);
        } finally {
            spec.clearPassword();
            Arrays.fill(text, (byte) 0);
            Arrays.fill(characters, '0');
        }
    }
}
