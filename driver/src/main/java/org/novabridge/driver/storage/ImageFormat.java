package org.novabridge.driver.storage;

import java.util.Optional;

/** What the bytes of an image are. */
public enum ImageFormat {
    RAW("raw", "raw"),
    QCOW2("qcow2", "qcow2"),
    QED("qed", "qed"),
    VHD("vhd", "vpc"),
    VHDX("vhdx", "vhdx"),
    VMDK("vmdk", "vmdk"),
    VDI("vdi", "vdi"),
    /** ISO 9660 or UDF; QEMU takes it as raw. */
    ISO("iso", "raw"),
    /** An encrypted container; refused. */
    LUKS("luks", "luks"),
    /** A format that qemu-img knows and Glance does not (parallels, bochs, old qcow …); refused. */
    FOREIGN("foreign", "foreign");

    private final String glanceName;
    private final String qemuName;

    ImageFormat(String glanceName, String qemuName) {
        this.glanceName = glanceName;
        this.qemuName = qemuName;
    }

    /** Glance's {@code disk_format}. */
    public String glanceName() {
        return glanceName;
    }

    /** The name for {@code qemu-img -f}. */
    public String qemuName() {
        return qemuName;
    }

    /** The format that a {@code disk_format} claims; empty when we have no reader for it. */
    public static Optional<ImageFormat> ofGlance(String diskFormat) {
        for (ImageFormat format : values()) {
            if (format.glanceName.equals(diskFormat) && format != FOREIGN && format != LUKS) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }
}
