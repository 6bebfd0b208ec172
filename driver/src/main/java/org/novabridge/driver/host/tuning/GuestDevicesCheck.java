package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Whether running guests have their disks on virtio: every other bus is emulated register by register. */
final class GuestDevicesCheck implements TuningCheck {
    private static final String NAME = "guests";
    private static final String SOURCE = "QEMU docs/system/device-emulation; Nova hw_disk_bus";
    /** QEMU's names of disks on IDE, SATA and USB. Drives for CD are fine there. */
    private static final Set<String> EMULATED = Set.of("ide-hd", "ide-drive", "usb-storage", "floppy", "sd-card");

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        int good = 0;
        for (QemuProcess guest : host.guests()) {
            Set<String> emulated = new TreeSet<>(guest.drivers());
            emulated.retainAll(EMULATED);
            if (emulated.isEmpty()) {
                good++;
            } else {
                findings.add(Finding.about(NAME, "guest " + guest.guest(), SOURCE)
                        .found("disks on " + String.join(", ", emulated))
                        .wanted("virtio-blk or virtio-scsi")
                        .why("Each access to an emulated controller stops the guest several times.")
                        .remedy("install virtio drivers in the guest and set hw_disk_bus = virtio on its image")
                        .as(Severity.WARNING));
            }
        }
        findings.add(
                0,
                Finding.about(NAME, "running guests", SOURCE)
                        .found(good + " of " + host.guests().size() + " without emulated disks")
                        .wanted("all")
                        .why("As the command lines of QEMU tell; disks that were attached later are not on them.")
                        .as(Severity.OK));
        return findings;
    }
}
