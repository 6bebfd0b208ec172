package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What guests that run have and may: their disks, descriptors, locked memory. */
class GuestLimitsCheckTest extends CheckedHost {
    @ParameterizedTest
    @CsvSource({
        "/usr/bin/qemu-system-x86_64, ide-hd, true",
        "/usr/bin/qemu-system-x86_64, '{\"driver\":\"ide-hd\",\"bus\":\"ide.0\",\"drive\":\"d\"}', true",
        "/usr/bin/qemu-kvm, 'usb-storage,drive=d', true",
        "/usr/bin/qemu-system-x86_64, '{\"driver\":\"virtio-blk-pci\",\"drive\":\"d\"}', false",
        "/usr/bin/qemu-system-x86_64, '{\"driver\":\"ide-cd\",\"drive\":\"cd\"}', false",
        "/usr/bin/less, ide-hd, false",
    })
    void aGuestOnAnEmulatedDiskIsReported(String program, String device, boolean reported) {
        host.guest(77, program, "-name", "guest=instance-0000002a,debug-threads=on", "-device", device);
        assertThat(host.findings("guests").stream()
                        .filter(finding -> finding.severity() == Severity.WARNING)
                        .map(Finding::subject))
                .isEqualTo(reported ? List.of("guest instance-0000002a") : List.of());
    }

    @Test
    void descriptorsOfTheHostOfLibvirtAndOfGuests() {
        host.file("/proc/9/comm", "virtqemud")
                .file("/proc/9/limits", "Limit  Soft Limit  Hard Limit  Units\nMax open files  1024  524288  files")
                .guest(77, "/usr/bin/kvm", "-name", "guest=big")
                .file("/proc/77/limits", "Max open files            20                20                files");
        for (int fd = 0; fd < 18; fd++) {
            host.file("/proc/77/fd/" + fd, "");
        }
        assertThat(host.findings("limits"))
                .filteredOn(finding -> !finding.subject().endsWith("locked memory"))
                .extracting(Finding::subject, Finding::severity, Finding::found)
                .containsExactly(
                        tuple("fs.file-nr", Severity.OK, "2000 of 9223372036854775807 open files"),
                        tuple("virtqemud (process 9)", Severity.WARNING, "1024"),
                        tuple("guest big", Severity.WARNING, "18 of 20 open files"));
        host.file("/proc/sys/fs/file-nr", "900\t0\t1000");
        assertThat(host.findings("limits").get(0).remedy()).contains("fs.file-max = 3600");
        host.file("/proc/sys/fs/file-nr", "many");
        assertThat(host.findings("limits").get(0).severity()).isEqualTo(Severity.UNKNOWN);
    }

    /** A guest of 1 GiB with one I/O thread. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "6.1.0  | 65536      | aio=native                | OK      | any",
                "6.1.0  | 65536      | aio=io_uring              | OK      | any",
                "5.10.0 | 65536      | aio=io_uring              | OK      | at least 65536 bytes",
                "5.10.0 | 65535      | aio=io_uring              | WARNING | at least 65536 bytes",
                "6.1.0  | 65536      | vfio-pci                  | WARNING | at least 1073741824 bytes",
                "6.1.0  | 2147483648 | vfio-pci                  | OK      | at least 1073741824 bytes",
                "6.1.0  | unlimited  | vfio-pci                  | OK      | at least 1073741824 bytes",
                "6.1.0  | 65536      | mem-lock=on               | WARNING | at least 1073741824 bytes",
                "6.1.0  | 65536      | mem-lock=off              | OK      | any",
                "5.10.0 | 1073741824 | vfio-pci,aio=io_uring     | WARNING | at least 1073807360 bytes",
            })
    void aGuestMayLockWhatItHasToLock(String kernel, String limit, String asks, Severity severity, String wanted) {
        host.file("/proc/sys/kernel/osrelease", kernel)
                .guest(
                        77,
                        "/usr/bin/kvm",
                        "-name",
                        "guest=g",
                        "-m",
                        "size=1048576k",
                        "-object",
                        "{\"qom-type\":\"iothread\",\"id\":\"iothread1\"}",
                        "-overcommit",
                        asks.startsWith("mem-lock") ? asks : "mem-lock=off",
                        "-device",
                        asks.startsWith("vfio") ? "vfio-pci,host=0000:03:00.0" : "virtio-balloon-pci",
                        "-drive",
                        asks.contains("io_uring") ? "file=/x,aio=io_uring" : "file=/x,aio=native")
                .file("/proc/77/limits", "Max locked memory         " + limit + "   unlimited   bytes");
        assertThat(host.findings("limits").get(1)).satisfies(finding -> {
            assertThat(finding.subject()).isEqualTo("guest g, locked memory");
            assertThat(finding.severity()).isEqualTo(severity);
            assertThat(finding.wanted()).isEqualTo(wanted);
            assertThat(finding.why()).isNotEmpty();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "6.1.0, true, 65536, OK",
        "5.10.0, false, 65536, OK",
        "5.10.0, true, 65536, WARNING",
        "5.10.0, true, 67108864, OK",
        "5.10.0, true, unlimited, OK",
        "5.10.0, true, ?, UNKNOWN",
    })
    void libvirtsDaemonLocksMapsForGuestsWhereTheKernelCountsThem(
            String kernel, boolean unified, String limit, Severity severity) {
        host.file("/proc/sys/kernel/osrelease", kernel)
                .file("/proc/9/comm", "virtqemud")
                .file(
                        "/proc/9/limits",
                        limit.equals("?") ? "" : "Max locked memory         " + limit + "   " + limit + "   bytes");
        if (unified) {
            host.file("/sys/fs/cgroup/cgroup.controllers", "cpu memory");
        }
        assertThat(host.findings("limits"))
                .filteredOn(finding -> finding.subject().equals("virtqemud (process 9), locked memory"))
                .extracting(Finding::severity)
                .containsExactly(severity);
    }

    @ParameterizedTest
    @CsvSource({
        "1024, 1073741824",
        "size=1048576k, 1073741824",
        "size=2G, 2147483648",
        "'size=512M,slots=16', 536870912",
        "x, 0"
    })
    void theMemoryOfAGuestIsReadFromItsArguments(String argument, long bytes) {
        assertThat(QemuProcess.of(1, "/usr/bin/kvm\0-m\0" + argument + "\0")
                        .orElseThrow()
                        .memory())
                .isEqualTo(bytes);
    }
}
