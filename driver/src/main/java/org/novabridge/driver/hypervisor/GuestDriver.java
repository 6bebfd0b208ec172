package org.novabridge.driver.hypervisor;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A driver of a PCI device, as the guest's own agent tells: nothing of it can be trusted.
 *
 * @param vendor of the device; {@link #VIRTIO} for virtio
 * @param device its PCI device id
 * @param name of the driver, short and printable
 * @param released null when the agent gives no date, or none that can be one
 * @param version digits and dots; null when the agent gives none
 */
public record GuestDriver(
        int vendor,
        int device,
        String name,
        @Nullable Instant released,
        @Nullable String version) {
    /** The PCI vendor of every virtio device (Virtio 1.2, 4.1.2). */
    public static final int VIRTIO = 0x1AF4;
}
