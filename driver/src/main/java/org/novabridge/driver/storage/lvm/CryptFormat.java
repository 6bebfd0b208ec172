package org.novabridge.driver.storage.lvm;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.EphemeralStorageEncryptionOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * How a volume is encrypted. It is decided when the volume is made and kept as a tag on it: opened with today's options
 * after somebody has changed them, or with another default of a newer cryptsetup, a plain volume would be noise.
 *
 * @param keyBits length of the key that encrypts, in bits, both halves of it for xts
 */
record CryptFormat(Kind kind, int keyBits, String cipher) {
    private static final Pattern TAG = Pattern.compile("(plain|luks2):([0-9]{1,5}):([a-zA-Z0-9_:+.-]{1,64})");

    /** Where the data of a LUKS2 volume begins when nothing else is said (cryptsetup(8), --offset). */
    static final long LUKS2_HEADER = 16L << 20;

    /** The choices of {@code images_lvm_encryption_format}. */
    enum Kind {
        /** Nova's: nothing on the volume but the encrypted blocks. */
        PLAIN,
        /** A header that knows cipher and key, and refuses a wrong one. */
        LUKS2
    }

    /**
     * @throws BridgeException INVALID_CONFIGURATION when cipher or key size cannot be ones
     */
    static CryptFormat ofNewVolumes(ConfigSnapshot config) {
        Kind kind = Kind.valueOf(
                config.get(LibvirtOptions.IMAGES_LVM_ENCRYPTION_FORMAT).toUpperCase(Locale.ROOT));
        CryptFormat format = new CryptFormat(
                kind,
                config.get(EphemeralStorageEncryptionOptions.KEY_SIZE),
                config.get(EphemeralStorageEncryptionOptions.CIPHER));
        if (format.keyBits % 8 != 0 || of(List.of(format.tag())).isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[ephemeral_storage_encryption]cipher and key_size: no cipher of dm-crypt is called so, or has keys"
                            + " of " + format.keyBits + " bits",
                    "use the defaults, aes-xts-plain64 and 512; cryptsetup benchmark knows others");
        }
        return format;
    }

    /** As an LVM tag. */
    String tag() {
        return LvmNames.CRYPT_TAG + kind.name().toLowerCase(Locale.ROOT) + ":" + keyBits + ":" + cipher;
    }

    /** What the tags of a volume say; empty when it is not encrypted, or was by stock Nova. */
    static Optional<CryptFormat> of(List<String> tags) {
        return tags.stream()
                .filter(tag -> tag.startsWith(LvmNames.CRYPT_TAG))
                .map(tag -> TAG.matcher(tag.substring(LvmNames.CRYPT_TAG.length())))
                .filter(Matcher::matches)
                .map(CryptFormat::parsed)
                .findFirst();
    }

    private static CryptFormat parsed(Matcher tag) {
        Kind kind = Kind.valueOf(tag.group(1).toUpperCase(Locale.ROOT));
        return new CryptFormat(kind, Integer.parseInt(tag.group(2)), tag.group(3));
    }

    /** Cipher and key size are another one's; how they are laid down on the volume may differ. */
    boolean otherCipher(CryptFormat other) {
        return keyBits != other.keyBits || !cipher.equals(other.cipher);
    }

    /** Bytes of the volume that are not the disk's. */
    long header() {
        return kind == Kind.LUKS2 ? LUKS2_HEADER : 0;
    }
}
