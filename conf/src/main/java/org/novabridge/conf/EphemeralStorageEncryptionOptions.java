package org.novabridge.conf;

/** {@code [ephemeral_storage_encryption]} (Nova: conf/ephemeral_storage.py, Zed). */
public final class EphemeralStorageEncryptionOptions {
    static final OptionSection SECTION =
            new OptionSection("ephemeral_storage_encryption", "Encryption of local disks on LVM.");
    public static final Option<Boolean> ENABLED = SECTION.bool("enabled", false)
            .active("Encrypt local disks on LVM with dm-crypt. Their keys are brought to the bridge by a call of their"
                    + " own; a guest without its key is neither made nor started. Disks that exist stay as they are.");
    public static final Option<String> CIPHER = SECTION.text("cipher", "aes-xts-plain64")
            .active("Cipher and mode of dm-crypt for new disks; see /proc/crypto.");
    public static final Option<Integer> KEY_SIZE = SECTION.integer("key_size", 512, 1)
            .active("Length in bits of the key that encrypts new disks; with xts it is two keys of half the length.");
    public static final Option<String> DEFAULT_FORMAT = SECTION.choice("default_format", "luks", "luks")
            .since("29")
            .notActedOn(
                    "encryption of single block devices is not built yet",
                    "Format of encrypted disks of a later Nova; not for LVM.");

    private EphemeralStorageEncryptionOptions() {}
}
