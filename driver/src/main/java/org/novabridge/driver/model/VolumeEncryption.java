package org.novabridge.driver.model;

/**
 * Who decrypts a volume of Cinder's. What encrypts it Cinder tells nova-compute's side alone, which opens what QEMU does not
 * and leaves a mark in the connection, where Nova keeps it.
 *
 * <p>Source: nova/virt/libvirt/driver.py 26.2.2, {@code _attach_encryptor}, {@code _allow_native_luksv1}.
 */
public enum VolumeEncryption {
    /** Nobody: it is not encrypted. */
    NONE,
    /** QEMU, with a secret of libvirt's: LUKS of version 1. */
    QEMU,
    /** dm-crypt of this host, before the guest has it. */
    HOST,
    /** Nobody yet, or nobody who says so. */
    UNKNOWN;

    /** Where the mark stands in the connection's data: {@code luks} or {@code host}. */
    public static final String MARK = "nova_bridge_encryption";

    /** What the connection of a volume says. */
    public static VolumeEncryption of(BlockDevice volume) {
        Object encrypted = volume.connectionData().get("encrypted");
        if (encrypted == null || Boolean.FALSE.equals(encrypted) || encrypted.equals("") || encrypted.equals(0)) {
            return NONE;
        }
        Object mark = volume.connectionData().get(MARK);
        if ("luks".equals(mark)) {
            return QEMU;
        }
        return "host".equals(mark) ? HOST : UNKNOWN;
    }
}
