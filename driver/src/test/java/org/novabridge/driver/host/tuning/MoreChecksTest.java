package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.host.QemuUserPreflight;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding;

/** Huge pages, queues, trimming, limits, guests, versions, passing devices through, order of files. */
class MoreChecksTest {
    private static final String GROUP = "/sys/kernel/iommu_groups/14/devices";
    private static final String PCI = "/sys/bus/pci/devices/";

    @TempDir
    Path root;

    private RecordedHost host;

    @BeforeEach
    void aHostWhereAllIsWell() {
        host = new RecordedHost(root)
                .disk("nvme0n1", false, "[none] mq-deadline", "eui.1")
                .mount("nvme0n1", "/", "ext4", "rw");
    }

    private Finding only(String check) {
        List<Finding> found = host.findings(check);
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/host/hugepages.csv", useHeadersInDisplayName = true)
    void hugePagesOfEachNodeAgainstWhatIsAsked(String item, Severity severity, String write, String words) {
        host.node(0, 20L << 20, 512, 2)
                .node(1, 3L << 19, 512, 2)
                .configured(config -> config.set(BridgeOptions.HOST_HUGE_PAGES, List.of(item)));
        Finding finding = only("hugepages");
        assertThat(finding.severity()).isEqualTo(severity);
        assertThat(finding.toString()).contains(words);
        assertThat(host.tuning().plan().now())
                .extracting(TuningChange.KernelWrite::value)
                .isEqualTo(write == null ? List.of() : List.of(write));
    }

    /** Two nodes with 512 pages of 2 MiB and 2 of 1 GiB each. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1024 | 2048  | 1 | OK      | room for 2 in pages of 2048 KiB",
                "512  | 2MB   | 1 | OK      | room for 4 in pages of 2048 KiB",
                "2048 | 1GB   | 1 | OK      | room for 2 in pages of 1048576 KiB",
                "4096 | 1GB   | 2 | OK      | room for 1 in pages of 1048576 KiB",
                "4096 | 1GB   | 1 | WARNING | room for 0 in pages of 1048576 KiB",
                "1024 | 1GB   | 4 | WARNING | no whole number of such pages",
                "1024 | 64KB  | 1 | WARNING | no node has pages of that size",
                "1024 | large | 1 | OK      | room for 2 in pages of 2048 KiB, free: {node0=512, node1=512}; room for 4",
            })
    void aFlavorIsHeldAgainstTheFreePagesOfEachNode(
            long memory, String pages, String nodes, Severity severity, String words) {
        host.node(0, 20L << 20, 512, 2).node(1, 20L << 20, 512, 2);
        FlavorMemory flavor = FlavorMemory.of("m", memory, Map.of("hw:mem_page_size", pages, "hw:numa_nodes", nodes))
                .orElseThrow();
        assertThat(host.tuning().fits(List.of(flavor))).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(severity);
            assertThat(finding.found()).contains(words);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "small", "any", "4", "4KB", "nonsense"})
    void aFlavorWithoutHugePagesIsNotAsked(String pages) {
        assertThat(FlavorMemory.of("m", 1024, Map.of("hw:mem_page_size", pages)))
                .isEmpty();
    }

    @Test
    void whenTheKernelFindsFewerPagesThatIsSaidAndUndoneAllTheSame(@TempDir Path state) {
        host.node(0, 20L << 20, 0, 0)
                .configured(
                        config -> config.set(BridgeOptions.HOST_HUGE_PAGES, List.of("node:0,size:2048,count:1000")));
        HostTree stingy = new HostTree(
                root,
                (file, value) -> java.nio.file.Files.writeString(file, (value.equals("1000") ? "700" : value) + "\n"));
        HostTuner tuner = new HostTuner(stingy, state, TuningSteps.NONE);
        assertThat(tuner.apply(host.tuning().plan(), outcome -> {}))
                .filteredOn(outcome -> outcome.result() == TuningOutcome.Result.SHORT)
                .singleElement()
                .satisfies(
                        outcome -> assertThat(outcome.sentence()).endsWith("1000 was wanted, and the kernel has 700"));
        tuner.undo(outcome -> {});
        assertThat(host.read("/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages"))
                .isEqualTo("0");
    }

    @Test
    void pagesThatNobodyAskedForAreANote() {
        assertThat(only("hugepages").severity()).isEqualTo(Severity.OK);
        host.node(0, 20L << 20, 64, 0);
        assertThat(only("hugepages").found()).isEqualTo("idle: {node0 hugepages-2048kB=64}");
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/host/trim.csv", useHeadersInDisplayName = true)
    void trimmingByTimerOrByMountOption(
            long discard, String options, Long daysAgo, boolean timer, Severity severity, String found) {
        RecordedHost other = new RecordedHost(root.resolve("other"))
                .disk("sda", false, "[mq-deadline] none", "")
                .partition("sda", "sda1")
                .mount("sda1", "/", "ext4", options)
                .file("/sys/block/sda/queue/discard_max_bytes", Long.toString(discard));
        String stamp = "/var/lib/systemd/timers/stamp-fstrim.timer";
        if (daysAgo != null) {
            other.file(stamp, "").written(stamp, RecordedHost.NOW.minus(Duration.ofDays(daysAgo)));
        }
        if (timer) {
            other.link("/etc/systemd/system/timers.target.wants/fstrim.timer", "nowhere");
        }
        assertThat(other.findings("trim"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(tuple(severity, found));
    }

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

    @ParameterizedTest
    @CsvSource({
        "6.1.0, 9000000, true, 0, 'OK, OK, OK'",
        "5.10.0, 9000000, false, 0, 'OK, UNUSABLE, UNUSABLE'",
        "6.1.0, 6000000, true, 0, 'UNUSABLE, OK, OK'",
        "6.6.0, 9000000, false, 2, 'OK, UNUSABLE, OK, UNUSABLE'",
        "6.6.0, , , 0, 'UNKNOWN, UNKNOWN, OK'",
    })
    void ioUringThatIsConfiguredNeedsItsVersionsAndAQemuThatStarts(
            String kernel, Integer libvirt, Boolean starts, String disabled, String severities) {
        assertThat(only("versions").severity()).isEqualTo(Severity.OK);
        HostFacts.Builder facts = HostFacts.builder().put(HostFact.DIRECT_IO, true);
        if (libvirt != null) {
            facts.put(HostFact.LIBVIRT_VERSION, libvirt);
        }
        if (starts != null) {
            facts.put(HostFact.IO_URING, starts);
        }
        host.facts(facts.build())
                .file("/proc/sys/kernel/osrelease", kernel)
                .file("/proc/sys/kernel/io_uring_disabled", disabled)
                .configured(config -> config.set(LibvirtOptions.DISK_IO_MODES, List.of("block=io_uring")));
        assertThat(severities()).isEqualTo(severities);
    }

    private String severities() {
        return String.join(
                ", ",
                host.findings("versions").stream()
                        .map(finding -> finding.severity().name())
                        .toList());
    }

    @Test
    void whatAnOptionOrProfileNeedsOfLibvirtAndQemuIsSaidBeforeTheFirstGuest() {
        host.facts(HostFacts.builder()
                        .put(HostFact.DIRECT_IO, true)
                        .put(HostFact.LIBVIRT_VERSION, 9_000_000)
                        .put(HostFact.QEMU_VERSION, 7_002_022)
                        .build())
                .configured(config -> config.set(LibvirtOptions.DISK_QUEUE_SIZE, 512)
                        .ioProfile(
                                "sparse",
                                ConfigSnapshot.builder()
                                        .set(IoProfileOptions.DISCARD_NO_UNREF, true)
                                        .build()));
        assertThat(host.findings("versions"))
                .extracting(Finding::subject, Finding::wanted, Finding::severity)
                .containsExactly(
                        tuple("[libvirt]disk_queue_size", "libvirt 7.8.0 or newer", Severity.OK),
                        tuple("discard_no_unref of profile sparse", "libvirt 9.5.0 or newer", Severity.UNUSABLE),
                        tuple("discard_no_unref of profile sparse", "QEMU 8.1.0 or newer", Severity.UNUSABLE));
    }

    @ParameterizedTest
    @CsvSource({
        "qcow2, true, UNUSABLE",
        "default, true, UNUSABLE",
        "default, false, NOTE",
        "raw, true, NOTE",
        "lvm, true, NOTE",
    })
    void aFeatureOfQcow2IsANoteWhereNoDiskCanTakeIt(String type, boolean cow, Severity severity) {
        old().configured(config -> config.set(LibvirtOptions.IMAGES_TYPE, type)
                .set(DefaultOptions.USE_COW_IMAGES, cow)
                .set(LibvirtOptions.DISK_DISCARD_NO_UNREF, true));
        assertThat(host.findings("versions")).extracting(Finding::severity).containsOnly(severity);
        assertThat(host.findings("versions").get(0).found().equals("no effect here"))
                .isEqualTo(severity == Severity.NOTE);
    }

    @ParameterizedTest
    @CsvSource({
        "0, auto, NOTE",
        "1, auto, NOTE",
        "auto, , NOTE",
        "4, 1, NOTE",
        "4, 2, UNUSABLE",
        "auto, auto, UNUSABLE",
    })
    void mappingIsANoteWhereNoGuestHasSeveralThreadsAndQueues(String threads, String queues, Severity severity) {
        old().configured(config -> {
            config.set(LibvirtOptions.DISK_IOTHREAD_MAPPING, true).set(LibvirtOptions.DISK_IOTHREADS, threads);
            if (queues != null) {
                config.set(LibvirtOptions.DISK_QUEUES, queues);
            }
        });
        assertThat(host.findings("versions")).extracting(Finding::severity).containsOnly(severity);
    }

    @Test
    void aProfileMayHaveTheThreadsThatTheOptionsHaveNot() {
        old().configured(config -> config.set(LibvirtOptions.DISK_IOTHREAD_MAPPING, true)
                .set(LibvirtOptions.DISK_QUEUES, "auto")
                .ioProfile(
                        "wide",
                        ConfigSnapshot.builder()
                                .set(IoProfileOptions.IOTHREADS, "4")
                                .build()));
        assertThat(host.findings("versions")).extracting(Finding::severity).containsOnly(Severity.UNUSABLE);
    }

    /** libvirt 9.0 with QEMU 7.2, which know neither. */
    private RecordedHost old() {
        return host.facts(HostFacts.builder()
                .put(HostFact.DIRECT_IO, true)
                .put(HostFact.LIBVIRT_VERSION, 9_000_000)
                .put(HostFact.QEMU_VERSION, 7_002_022)
                .build());
    }

    @Test
    void aSerialThatIsNoneIsNoIdentity() {
        host.disk("ubda", true, "none [mq-deadline]", "")
                .file("/sys/block/ubda/serial", "(null)")
                .mount("ubda", "/var/lib/nova", "ext4", "rw");
        assertThat(host.tuning().plan().afterBoot().get(0).content()).contains("KERNEL==\"ubda\"");
    }

    @Test
    void aHostWithoutIommuIsANoteWithWhatToSwitchOn() {
        host.folder("/sys/kernel/iommu_groups").file("/proc/cpuinfo", "vendor_id\t: GenuineIntel");
        assertThat(only("vfio"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(Severity.NOTE, "off: no IOMMU groups");
        assertThat(only("vfio").remedy()).contains("intel_iommu=on iommu=pt");
        host.file("/proc/cpuinfo", "vendor_id\t: AuthenticAMD");
        assertThat(only("vfio").remedy()).doesNotContain("intel_iommu");
    }

    @Test
    void aDeviceOfVfioHasItsGroupForItselfAndCanBeReset() {
        host.folder(GROUP)
                .folder("/sys/module/vfio_pci")
                .file("/proc/cmdline", "intel_iommu=on iommu=pt")
                .folder(PCI + "0000:03:00.0/iommu_group/devices/0000:03:00.0")
                .folder(PCI + "0000:03:00.0/iommu_group/devices/0000:03:00.1")
                .folder(PCI + "0000:03:00.0/iommu_group/devices/0000:00:01.0")
                .file(PCI + "0000:00:01.0/class", "0x060400")
                .file(PCI + "0000:03:00.0/reset_method", "flr bus")
                .file(PCI + "0000:03:00.1/class", "0x010802")
                .folder("/sys/bus/pci/drivers/nvme")
                .link("/sys/bus/pci/drivers/vfio-pci/0000:03:00.0", "../../devices/0000:03:00.0")
                .link(PCI + "0000:00:01.0/driver", "../../drivers/pcieport");
        assertThat(host.findings("vfio"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(tuple(Severity.OK, "1 groups, vfio-pci loaded"), tuple(Severity.OK, "so"));
        host.link(PCI + "0000:03:00.1/driver", "../../drivers/nvme");
        assertThat(host.findings("vfio").get(1).found()).isEqualTo("shares its group with 0000:03:00.1 (nvme)");
    }

    @Test
    void aDeviceThatCannotBeResetIsAWarning() {
        host.folder(GROUP)
                .folder(PCI + "0000:04:00.0")
                .link("/sys/bus/pci/drivers/vfio-pci/0000:04:00.0", "../../devices/0000:04:00.0");
        assertThat(host.findings("vfio").get(0).remedy()).contains("modprobe vfio-pci", "iommu=pt");
        assertThat(host.findings("vfio").get(1))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(Severity.WARNING, "no way to reset it");
    }

    @Test
    void settingsOfAQueueThatSpoilTheScheduler() {
        host.disk("sda", true, "[mq-deadline] none", "naa.5")
                .file("/sys/block/sda/queue/nomerges", "2")
                .file("/sys/block/sda/queue/zoned", "host-managed")
                .file("/sys/block/sda/queue/add_random", "1")
                .file("/sys/block/nvme0n1/queue/nomerges", "1")
                .file("/sys/block/nvme0n1/queue/add_random", "1")
                .mount("sda", "/var/lib/nova", "xfs", "rw");
        assertThat(host.findings("queue"))
                .extracting(Finding::subject, Finding::severity)
                .containsExactly(tuple("sda nomerges", Severity.WARNING), tuple("sda zoned", Severity.WARNING));
        assertThat(host.tuning().plan().afterBoot().get(0).content())
                .contains("ATTRS{wwid}==\"naa.5\", ATTR{queue/nomerges}=\"0\"");
    }

    /** One SSD whose queue is the kernel's but for one file. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nomerges      | 2             | false | NOTE",
                "nomerges      | 1             | false | ",
                "nr_requests   | 8             | false | NOTE",
                "nr_requests   | 31            | false | NOTE",
                "nr_requests   | 32            | false | ",
                "nr_requests   | 256           | false | ",
                "rq_affinity   | 0             | false | NOTE",
                "rq_affinity   | 2             | false | ",
                "read_ahead_kb | 8192          | true  | NOTE",
                "read_ahead_kb | 8192          | false | ",
                "read_ahead_kb | 4096          | true  | ",
                "wbt_lat_usec  | 0             | true  | NOTE",
                "wbt_lat_usec  | 0             | false | ",
                "wbt_lat_usec  | 2000          | true  | ",
                "write_cache   | write through | false | WARNING",
                "write_cache   | write back    | false | ",
            })
    void aDepartureFromTheKernelsQueueThatHurtsGuestsIsSaidAndLeft(
            String file, String value, boolean cached, Severity severity) {
        host.disk("sda", false, "[mq-deadline] none", "naa.5")
                .file("/sys/block/sda/queue/" + file, value)
                .file("/sys/block/sda/device/scsi_disk/0:0:0:0/cache_type", "write back")
                .mount("sda", "/var/lib/nova", "xfs", "rw");
        if (cached) {
            host.configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=writeback")));
        }
        List<Finding> found = host.findings("queue");
        if (severity == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).singleElement().satisfies(finding -> {
                assertThat(finding.subject()).isEqualTo("sda " + file);
                assertThat(finding.severity()).isEqualTo(severity);
                assertThat(finding.remedy()).contains("/sys/block/sda/queue/" + file);
                assertThat(finding.why()).isNotEmpty();
            });
            assertThat(host.tuning().plan().afterBoot())
                    .noneMatch(change -> change.content().contains(file));
        }
    }

    @Test
    void aQueueShorterThanTheDevicesIsANoteAndAShortDeviceIsNot() {
        host.disk("sda", false, "[none]", "naa.5")
                .file("/sys/block/sda/queue/nr_requests", "63")
                .file("/sys/block/sda/device/queue_depth", "64")
                .mount("sda", "/var/lib/nova", "xfs", "rw");
        assertThat(only("queue").wanted()).contains("queue_depth 64");
        host.file("/sys/block/sda/queue/nr_requests", "2").file("/sys/block/sda/device/queue_depth", "1");
        assertThat(host.findings("queue")).isEmpty();
    }

    @Test
    void bfqNeedsNoThrottleOfTheWriteback() {
        host.disk("sda", true, "mq-deadline [bfq]", "naa.5")
                .file("/sys/block/sda/queue/wbt_lat_usec", "0")
                .configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=writeback")))
                .mount("sda", "/var/lib/nova", "xfs", "rw");
        assertThat(host.findings("queue")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "default, unmap, false, OK, hw_disk_discard = unmap",
        "thin, unmap, false, OK, hw_disk_discard = unmap",
        "default, , false, NOTE, guests cannot trim",
        "thin, ignore, false, NOTE, guests cannot trim",
        "auto, , true, NOTE, only guests of the profiles p can trim",
    })
    void aVolumeGroupIsTrimmedByItsGuests(
            String type, String discard, boolean profile, Severity severity, String found) {
        host.configured(config -> {
            config.set(LibvirtOptions.IMAGES_TYPE, "lvm")
                    .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "nova")
                    .set(LibvirtOptions.IMAGES_LVM_TYPE, type);
            if (discard != null) {
                config.set(LibvirtOptions.HW_DISK_DISCARD, discard);
            }
            if (profile) {
                config.ioProfile(
                        "p",
                        ConfigSnapshot.builder()
                                .set(IoProfileOptions.DISCARD, "unmap")
                                .build());
            }
        });
        assertThat(host.findings("trim"))
                .filteredOn(finding -> finding.subject().equals("volume group nova"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(tuple(severity, found));
    }

    @Test
    void aDeviceThatCarriesTheHostIsNotGivenAway() {
        String nvme = "0000:01:00.0";
        host.folder(GROUP)
                .diskBehind("0000:05:00.0", "sdb", true, "[mq-deadline] none", "naa.7")
                .diskBehind("0000:05:00.0", "sdc", true, "[mq-deadline] none", "naa.8")
                .file("/proc/swaps", "Filename Type Size Used Priority\n/dev/sdb partition 1 0 -2")
                .file(PCI + "0000:05:00.0/driver_override", "vfio-pci")
                .file(PCI + nvme + "/driver_override", "(null)");
        assertThat(host.findings("vfio"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(
                        tuple(Severity.WARNING, "1 groups, vfio-pci not loaded, iommu=pt not set"),
                        tuple(Severity.UNUSABLE, "meant for vfio-pci, and carries sdb (swap)"));
        assertThat(host.tuning().plan().afterBoot())
                .filteredOn(change -> change.path().equals(OwnFile.MODULES.path()))
                .singleElement()
                .satisfies(change -> assertThat(change.content()).endsWith("\nvfio-pci\n"));
        host.file("/proc/swaps", "Filename Type Size Used Priority");
        assertThat(host.findings("vfio")).hasSize(1);
    }

    @Test
    void aNeighbourThatCarriesTheHostCannotGoWithItsGroup() {
        String card = "0000:03:00.0";
        host.folder(GROUP)
                .diskBehind("0000:03:00.1", "sdb", true, "[mq-deadline] none", "naa.7")
                .mount("sdb", "/srv", "ext4", "rw")
                .folder(PCI + card + "/iommu_group/devices/" + card)
                .folder(PCI + card + "/iommu_group/devices/0000:03:00.1")
                .file(PCI + "0000:03:00.1/class", "0x010601")
                .folder("/sys/bus/pci/drivers/ahci")
                .link(PCI + "0000:03:00.1/driver", "../../drivers/ahci")
                .link("/sys/bus/pci/drivers/vfio-pci/" + card, "../../devices/" + card);
        assertThat(host.findings("vfio").get(1))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(
                        Severity.UNUSABLE, "shares its group with 0000:03:00.1 (ahci), which carries sdb (/srv)");
    }

    @Test
    void aLaterFileThatTakesTheValueBackIsNamedWithItsLine() {
        host.file("/proc/sys/fs/aio-max-nr", "65536")
                .file("/etc/sysctl.conf", "# host\nfs/aio-max-nr = 65536\nvm.swappiness = 1")
                .link("/etc/sysctl.d/99-sysctl.conf", "../sysctl.conf")
                .file("/usr/lib/sysctl.d/10-default.conf", "fs.aio-max-nr = 1")
                .file("/usr/lib/sysctl.d/70-hidden.conf", "fs.aio-max-nr = 2")
                .file("/etc/sysctl.d/70-hidden.conf", "fs.aio-max-nr = 1048576");
        assertThat(only("persistence"))
                .extracting(Finding::subject, Finding::found, Finding::wanted)
                .containsExactly("/etc/sysctl.d/99-sysctl.conf:2", "fs.aio-max-nr = 65536", "fs.aio-max-nr = 1048576");
    }

    @Test
    void findingsOfOtherRoomsKeepTheirWeight() {
        assertThat(PreflightFindings.of(List.of(
                        new QemuUserPreflight.Finding("a", "fix", true),
                        new QemuUserPreflight.Finding("b", "x", false))))
                .extracting(Finding::severity, Finding::remedy)
                .containsExactly(tuple(Severity.UNUSABLE, "fix"), tuple(Severity.WARNING, "x"));
        Finding.Draft none = Finding.about("lvm", "g", "s");
        assertThat(GroupLook.translated(
                        List.of(new VolumeGroupFinding(VolumeGroupFinding.Severity.UNUSABLE, "gone", "vg init")),
                        none,
                        "g"))
                .extracting(Finding::severity, Finding::found)
                .containsExactly(tuple(Severity.UNUSABLE, "gone"));
        assertThat(GroupLook.translated(List.of(), none, "g"))
                .extracting(Finding::severity)
                .containsExactly(Severity.OK);
    }

    @Test
    void servicesThatWouldTakeTheValuesBackAreNamed() {
        String wanted = "/etc/systemd/system/multi-user.target.wants/";
        host.link(wanted + "ksmtuned.service", "nowhere").file("/etc/tuned/active_profile", "virtual-host");
        assertThat(only("persistence"))
                .extracting(Finding::subject, Finding::severity)
                .containsExactly("ksmtuned.service", Severity.WARNING);
        host.link(wanted + "tuned.service", "nowhere").configured(config -> config.set(BridgeOptions.HOST_KSM, "on"));
        assertThat(only("persistence"))
                .extracting(Finding::subject, Finding::severity)
                .containsExactly("TuneD profile virtual-host", Severity.NOTE);
    }
}
