package org.novabridge.driver.model;

/** Attributes of disks that libvirt and QEMU know from some version on (libvirt, formatdomain). */
public enum DiskFeature {
    /** iothreads of a virtio-blk disk's own. */
    IOTHREAD_MAPPING(10_000_000, 9_000_000),
    /** iothreads of a virtio-scsi controller's own. */
    SCSI_IOTHREAD_MAPPING(11_002_000, 10_000_000),
    ROTATION_RATE(7_003_000, 0),
    QUEUE_SIZE(7_008_000, 0),
    DISCARD_NO_UNREF(9_005_000, 8_001_000),
    METADATA_CACHE(7_000_000, 0);

    private final int libvirt;
    private final int qemu;

    DiskFeature(int libvirt, int qemu) {
        this.libvirt = libvirt;
        this.qemu = qemu;
    }

    /** Oldest libvirt, as major * 1,000,000 + minor * 1,000 + release. */
    public int libvirt() {
        return libvirt;
    }

    /** Oldest QEMU in the same form; 0 for any. */
    public int qemu() {
        return qemu;
    }
}
