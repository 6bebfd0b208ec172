package org.novabridge.conf;

/** {@code [ephemeral_storage_encryption]} (Nova: conf/ephemeral_storage.py, Zed). */
public final class EphemeralStorageEncryptionOptions {
    static final OptionSection SECTION =
            new OptionSection("ephemeral_storage_encryption", "Encryption of local disks on LVM.");
    private static final String LATER = "dm-crypt below local disks is not built yet";

    public static final Option<Boolean> ENABLED = SECTION.bool("enabled", false)
            .active("Encrypt local disks on LVM. The bridge cannot yet, and refuses every disk while it is set.");
    public static final Option<String> CIPHER =
            SECTION.text("cipher", "aes-xts-plain64").notYet(LATER, "Cipher and mode for dm-crypt.");
    public static final Option<Integer> KEY_SIZE =
            SECTION.integer("key_size", 512, 1).notYet(LATER, "Key length in bits.");
    public static final Option<String> DEFAULT_FORMAT = SECTION.choice("default_format", "luks", "luks")
            .since("29")
            .notYet(LATER, "Format of encrypted disks of a later Nova; not for LVM.");

    private EphemeralStorageEncryptionOptions() {}
}
