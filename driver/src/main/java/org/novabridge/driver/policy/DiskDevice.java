package org.novabridge.driver.policy;

import org.novabridge.driver.model.DiskAttribute;

/** What QEMU puts a disk on, as far as tuning depends on it. */
enum DiskDevice {
    /** A device of its own with queues of its own. */
    VIRTIO_BLK,
    /** A unit of a controller, which has the queues. */
    VIRTIO_SCSI,
    /** Everything else: ide, sata, usb, fdc, and scsi with another controller. */
    EMULATED;

    static DiskDevice of(DiskContext context, DiskDraft draft) {
        return switch (draft.needText(DiskAttribute.BUS)) {
            case "virtio" -> VIRTIO_BLK;
            case "scsi" -> "virtio-scsi".equals(ScsiUnitRule.model(context)) ? VIRTIO_SCSI : EMULATED;
            default -> EMULATED;
        };
    }

    /** A disk that Nova makes and the guest writes. */
    static boolean localAndWritten(DiskDraft draft) {
        return !draft.volume()
                && draft.needText(DiskAttribute.DEVICE).equals("disk")
                && !draft.flag(DiskAttribute.READ_ONLY);
    }
}
