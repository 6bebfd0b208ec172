package org.novabridge.driver.host.tuning;

import java.util.List;
import org.novabridge.driver.host.QemuUserPreflight;

/** What {@link QemuUserPreflight} finds of qemu.conf and of the folders above the disks, in the form of this room. */
final class PreflightFindings {
    private static final String SOURCE = "libvirt's qemu.conf; path_resolution(7)";

    private PreflightFindings() {}

    static List<Finding> of(List<QemuUserPreflight.Finding> findings) {
        if (findings.isEmpty()) {
            return List.of(Finding.about("qemu", "QEMU's user and qemu.conf", SOURCE)
                    .found("nothing in the way")
                    .wanted("guests start")
                    .why("Asked as before the first guest.")
                    .as(Severity.OK));
        }
        return findings.stream()
                .map(finding -> Finding.about("qemu", "QEMU's user and qemu.conf", SOURCE)
                        .found(finding.what())
                        .wanted("guests start")
                        .why(finding.stops() ? "Guests would not start." : "Guests start slowly.")
                        .remedy(finding.fix())
                        .as(finding.stops() ? Severity.UNUSABLE : Severity.WARNING))
                .toList();
    }
}
