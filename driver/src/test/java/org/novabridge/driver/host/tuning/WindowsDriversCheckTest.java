package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.hypervisor.GuestDriver;

class WindowsDriversCheckTest {
    private static final String UUID = "3e2b5d9a-1234-4d5e-8f00-aabbccddeeff";
    private static final Instant OLD = RecordedHost.NOW.minus(Duration.ofDays(3 * 365 + 1));
    private static final Instant NEW = RecordedHost.NOW.minus(Duration.ofDays(3 * 365 - 1));

    @TempDir
    Path root;

    private RecordedHost host;

    @BeforeEach
    void aHostWithAWindowsGuest() {
        host = new RecordedHost(root)
                .guest(77, "/usr/bin/kvm", "-name", "guest=win", "-uuid", UUID, "-cpu", "host,hv-relaxed,hv-vapic");
    }

    private Finding said(GuestDriver... drivers) {
        return finding(uuid -> List.of(drivers));
    }

    private Finding finding(DriverSource source) {
        return host.drivers(source).findings("guests").stream()
                .filter(finding -> finding.subject().equals("guest win"))
                .findFirst()
                .orElseThrow();
    }

    private static GuestDriver virtio(String name, @Nullable Instant released) {
        return new GuestDriver(GuestDriver.VIRTIO, 0x1042, name, released, "100.77.104.17100");
    }

    @Test
    void oldDriversOfVirtioDevicesAreNamedWithTheirAge() {
        Finding finding = said(virtio("SCSI", OLD), virtio("SCSI", OLD), virtio("Ethernet", NEW));
        assertThat(finding.severity()).isEqualTo(Severity.NOTE);
        assertThat(finding.found()).isEqualTo("2023-11-22 SCSI 100.77.104.17100");
        assertThat(finding.why()).contains("The age is ours");
        assertThat(finding.remedy()).contains("virtio-win");
    }

    @Test
    void driversOfOtherDevicesDoNotCount() {
        Finding finding = said(virtio("SCSI", NEW), new GuestDriver(0x8086, 0x7010, "IDE", Instant.EPOCH, null));
        assertThat(finding.severity()).isEqualTo(Severity.OK);
        assertThat(finding.found()).startsWith("1 drivers");
    }

    @Test
    void manyOldDriversAreCounted() {
        assertThat(said(virtio("a", OLD), virtio("b", OLD), virtio("c", OLD), virtio("d", OLD), virtio("e", OLD))
                        .found())
                .endsWith("d 100.77.104.17100 and 1 more");
    }

    @Test
    void aDateToComeIsNone() {
        assertThat(said(virtio("SCSI", RecordedHost.NOW.plusSeconds(1))).why()).contains("no date");
        assertThat(said(virtio("SCSI", null)).severity()).isEqualTo(Severity.UNKNOWN);
        assertThat(said().why()).contains("names no driver");
    }

    @Test
    void whyNobodyTellsIsSaid() {
        Finding finding = finding(DriverSource.none("no agent answers in guest u"));
        assertThat(finding.severity()).isEqualTo(Severity.UNKNOWN);
        assertThat(finding.why()).contains("Windows").endsWith("no agent answers in guest u");
    }

    @Test
    void onlyWindowsIsAskedAndByItsUuidAlone() {
        List<String> asked = new ArrayList<>();
        host.guest(78, "/usr/bin/kvm", "-name", "guest=linux", "-uuid", UUID, "-cpu", "host")
                .guest(79, "/usr/bin/kvm", "-name", "guest=odd", "-uuid", "../" + UUID, "-cpu", "host,hv-vapic")
                .drivers(uuid -> {
                    asked.add(uuid);
                    return List.of(virtio("SCSI", NEW));
                });
        assertThat(host.findings("guests"))
                .filteredOn(finding -> finding.subject().equals("guest odd"))
                .singleElement()
                .extracting(Finding::why)
                .asString()
                .contains("no uuid");
        assertThat(asked).containsExactly(UUID);
    }
}
