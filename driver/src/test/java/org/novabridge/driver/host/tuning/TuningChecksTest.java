package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/** Each check on a host that is as it should be but for one thing. */
class TuningChecksTest {
    private static final String KSM = "/sys/kernel/mm/ksm/";

    @TempDir
    Path root;

    private RecordedHost host;

    @BeforeEach
    void aHostWhereAllIsWell() {
        host = new RecordedHost(root)
                .disk("nvme0n1", false, "[none] mq-deadline", "eui.1")
                .mount("nvme0n1", "/", "ext4", "rw");
    }

    private List<String> bad() {
        return host.tuning().check().stream()
                .filter(finding -> finding.severity().compareTo(Severity.WARNING) >= 0)
                .map(finding -> finding.check() + ": " + finding.found() + " -> " + finding.wanted())
                .toList();
    }

    private Finding only(String check) {
        List<Finding> found = host.findings(check);
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    @Test
    void aGoodHostHasNoWarningAndNothingToApply() {
        assertThat(bad()).isEmpty();
        assertThat(host.tuning().plan().done()).isTrue();
        assertThat(host.tuning().check()).allSatisfy(finding -> {
            assertThat(finding.source()).isNotEmpty();
            assertThat(finding.why()).isNotEmpty();
            assertThat(finding.found()).isNotEmpty();
        });
    }

    @Test
    void elevatorIsReportedAsDeadWithItsNameOfToday() {
        host.file("/proc/cmdline", "root=/dev/sda1 elevator=deadline quiet");
        assertThat(bad()).containsExactly("scheduler: elevator=deadline -> no such word");
        assertThat(host.findings("scheduler").get(1).why()).contains("mq-deadline today");
        host.file("/proc/sys/kernel/osrelease", "4.19.0-amd64");
        assertThat(bad()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/etc/udev/rules.d/60-io.rules|ACTION==\"add\", KERNEL==\"sd*\", ATTR{queue/scheduler}=\"noop\"|none",
                "/etc/tmpfiles.d/io.conf|w /sys/block/sda/queue/scheduler - - - - deadline|mq-deadline",
                "/usr/lib/tmpfiles.d/IO_ioscheduler.conf|w /sys/block/sdb/queue/scheduler - - - - cfq|bfq",
                "/etc/rc.local|echo deadline > /sys/block/sda/queue/scheduler|mq-deadline",
            })
    void anOldNameInAFileIsTranslatedWithItsLine(String file, String line, String today) {
        host.file(file, "# of a guide\n" + line);
        assertThat(host.findings("scheduler").get(1)).satisfies(finding -> {
            assertThat(finding.subject()).isEqualTo(file + ":2");
            assertThat(finding.wanted()).isEqualTo(today);
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/etc/udev/rules.d/60-io.rules|ATTR{queue/scheduler}=\"mq-deadline\"",
                "/etc/udev/rules.d/60-io.rules|# ATTR{queue/scheduler}=\"deadline\"",
                "/etc/tmpfiles.d/io.conf|w /sys/block/sda/queue/scheduler - - - - mq-deadline",
                "/etc/rc.local|echo none > /sys/block/sda/queue/scheduler",
            })
    void whatIsRightTodayOrACommentIsNotReported(String file, String line) {
        assertThat(bad()).isEmpty();
        host.file(file, line);
        assertThat(bad()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 1048576",
        "64, 0, 65536, 1048576",
        "819, 0, 0, 1048576",
        "820, 0, 0, 1049600",
        "815, 5, 0, 1049600",
        "1000, 0, 1024000, 1280000",
        "10, 0, 2000000, 2500608",
        "10, 5, 2000000, 2506752",
    })
    void aioNeedsAQuarterMoreThanIsTakenAndArrivesAndAtLeastWhatLibvirtSets(
            int contexts, int arriving, long used, long need) {
        assertThat(AioLimitCheck.need(contexts, arriving, used)).isEqualTo(need);
        assertThat(need % AioRoom.OF_A_CONTEXT).isZero();
    }

    @Test
    void aioCountsTheMainLoopAndTheIoThreadsOfGuestsWithNativeIo() {
        host.file("/proc/sys/fs/aio-max-nr", "65536")
                .file("/proc/sys/fs/aio-nr", "4096")
                .guest(
                        101,
                        "/usr/bin/qemu-system-x86_64",
                        "-name",
                        "guest=instance-00000001,debug-threads=on",
                        "-object",
                        "{\"qom-type\":\"iothread\",\"id\":\"iothread1\"}",
                        "-object",
                        "{\"qom-type\":\"iothread\",\"id\":\"iothread2\"}",
                        "-blockdev",
                        "{\"driver\":\"host_device\",\"filename\":\"/dev/vg/x\",\"aio\":\"native\"}")
                .guest(102, "/usr/bin/qemu-system-x86_64", "-blockdev", "{\"driver\":\"file\",\"aio\":\"threads\"}")
                .guest(103, "/usr/bin/kvm", "-drive", "file=/dev/vg/y,aio=native")
                .guest(104, "/bin/grep", "aio=native");
        Finding finding = only("aio");
        assertThat(finding.found()).isEqualTo("65536 (4096 in use)");
        assertThat(finding.why())
                .contains("guests here have 4,", "one that arrives by live migration may take 3", "room for 60 more")
                .contains("with QEMU before 9.0 a guest with io=native does not start", "from 9.0 on disks");
        assertThat(host.tuning().plan().now())
                .containsExactly(new TuningChange.KernelWrite("/proc/sys/fs/aio-max-nr", "65536", "1048576", "aio"));
        assertThat(host.tuning().plan().afterBoot().get(0).content()).endsWith("\nfs.aio-max-nr = 1048576\n");
    }

    @ParameterizedTest
    @CsvSource({"7002022, true", "8002000, true", "9000000, false", "10001000, false"})
    void whatIsLostBeyondTheLimitDependsOnQemu(int version, boolean refused) {
        host.facts(HostFacts.builder()
                .put(HostFact.DIRECT_IO, true)
                .put(HostFact.QEMU_VERSION, version)
                .build());
        assertThat(only("aio").why().contains("does not start")).isEqualTo(refused);
        assertThat(only("aio").why()).contains("go by threads");
    }

    @Test
    void aHigherAioLimitOfTheOperatorsIsLeft() {
        host.file("/proc/sys/fs/aio-max-nr", "3145728");
        assertThat(only("aio").severity()).isEqualTo(Severity.OK);
    }

    @ParameterizedTest
    @CsvSource({
        "off, 0, 0, OK, ''",
        "off, 2, 0, OK, ''",
        "off, 1, 0, WARNING, 0",
        "off, 1, 500, WARNING, 2",
        "off, 1, 900000000, WARNING, 0",
        "off, 0, 500, NOTE, ''",
        "keep, 1, 500, OK, ''",
        "keep, 0, 0, OK, ''",
        "on, 1, 500, OK, ''",
        "on, 0, 0, WARNING, 1",
    })
    void ksmIsOffBetweenTenantsUnlessTheOperatorSaysOtherwise(
            String option, String run, long sharing, Severity severity, String write) {
        host.configured(config -> config.set(BridgeOptions.HOST_KSM, option))
                .file(KSM + "run", run)
                .file(KSM + "pages_shared", sharing > 0 ? "100" : "0")
                .file(KSM + "pages_sharing", Long.toString(sharing));
        assertThat(only("ksm").severity()).isEqualTo(severity);
        assertThat(host.tuning().plan().now().stream()
                        .map(TuningChange.KernelWrite::value)
                        .findFirst()
                        .orElse(""))
                .isEqualTo(write);
    }

    @Test
    void ksmThatIsWantedIsPacedByTheKernelsAdvisorAndStaysOnItsNode() {
        host.configured(config -> config.set(BridgeOptions.HOST_KSM, "on"))
                .file(KSM + "advisor_mode", "[none] scan-time")
                .file(KSM + "smart_scan", "1")
                .folder("/sys/devices/system/node/node1");
        assertThat(host.tuning().plan().now())
                .extracting(TuningChange.KernelWrite::path, TuningChange.KernelWrite::value)
                .containsExactly(
                        org.assertj.core.api.Assertions.tuple(KSM + "advisor_mode", "scan-time"),
                        org.assertj.core.api.Assertions.tuple(KSM + "merge_across_nodes", "0"),
                        org.assertj.core.api.Assertions.tuple(KSM + "run", "1"));
        host.file(KSM + "pages_shared", "7");
        assertThat(host.findings("ksm").get(1).remedy()).contains("echo 2 >");
    }

    @ParameterizedTest
    @CsvSource({"always [madvise] never, OK", "[always] madvise never, OK", "always madvise [never], WARNING"})
    void transparentHugePagesAreThereForWhoAsks(String enabled, Severity severity) {
        host.file("/sys/kernel/mm/transparent_hugepage/enabled", enabled);
        assertThat(only("thp").severity()).isEqualTo(severity);
    }

    @Test
    void compactionOnEveryTouchIsANote() {
        host.file("/sys/kernel/mm/transparent_hugepage/defrag", "[always] defer defer+madvise madvise never");
        assertThat(host.findings("thp").get(1).severity()).isEqualTo(Severity.NOTE);
    }

    @Test
    void theGovernorIsReportedAndOnlyChangedWhenAskedFor() {
        for (int cpu = 0; cpu < 2; cpu++) {
            String folder = "/sys/devices/system/cpu/cpu" + cpu + "/cpufreq/";
            host.file(folder + "scaling_governor", "powersave")
                    .file(folder + "scaling_available_governors", "performance powersave");
        }
        assertThat(only("governor").severity()).isEqualTo(Severity.NOTE);
        assertThat(host.tuning().plan().done()).isTrue();
        host.configured(config -> config.set(BridgeOptions.HOST_CPU_GOVERNOR, "performance"));
        assertThat(host.tuning().plan().now()).hasSize(2);
        host.configured(config -> config.set(BridgeOptions.HOST_CPU_GOVERNOR, "schedutil"));
        assertThat(only("governor").remedy()).contains("performance powersave");
        assertThat(host.tuning().plan().done()).isTrue();
    }

    @Test
    void withoutCpufreqTheGovernorIsUnknown() {
        assertThat(only("governor").severity()).isEqualTo(Severity.UNKNOWN);
    }

    @Test
    void limitsOfThePageCacheCountWhereACacheModeUsesIt() {
        assertThat(only("page-cache").severity()).isEqualTo(Severity.OK);
        host.configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=writeback")));
        assertThat(bad())
                .containsExactly(
                        "page-cache: 10 % -> at most 5 %",
                        "page-cache: 20 % -> at most 10 %", "page-cache: 60 -> at most 10");
        host.file("/proc/sys/vm/dirty_bytes", "268435456");
        assertThat(bad()).doesNotContain("page-cache: 20 % -> at most 10 %");
    }

    @ParameterizedTest
    @CsvSource({
        "default, true",
        "writeback, true",
        "writethrough, true",
        "unsafe, true",
        "none, false",
        "directsync, false",
    })
    void everyModeButThoseWithODirectUsesThePageCacheAndDefaultIsQemusWriteback(String mode, boolean cached) {
        host.configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=" + mode)));
        assertThat(host.findings("page-cache").get(0).why().contains("disk_cachemodes file=" + mode))
                .isEqualTo(cached);
        host.configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=none"))
                .ioProfile(
                        "p",
                        ConfigSnapshot.builder()
                                .set(IoProfileOptions.CACHE, mode)
                                .build()));
        assertThat(host.findings("page-cache").get(0).why().contains("profile p (" + mode + ")"))
                .isEqualTo(cached);
        assertThat(bad().isEmpty()).isEqualTo(!cached);
    }

    @Test
    void aProfileAndAHostWithoutDirectIoUseThePageCacheToo() {
        host.facts(HostFacts.builder().put(HostFact.DIRECT_IO, false).build());
        assertThat(host.findings("page-cache").get(0).why()).contains("O_DIRECT does not work");
        host.facts(HostFacts.builder().put(HostFact.DIRECT_IO, true).build())
                .configured(config -> config.ioProfile(
                        "scratch",
                        ConfigSnapshot.builder()
                                .set(IoProfileOptions.CACHE, "unsafe")
                                .build()));
        assertThat(host.findings("page-cache").get(0).why()).contains("profile scratch (unsafe)");
    }

    @Test
    void whetherThePageCacheIsUsedIsUnknownWithoutTheProbe() {
        host.facts(HostFacts.builder().build());
        assertThat(only("page-cache").severity()).isEqualTo(Severity.UNKNOWN);
    }

    @Test
    void whatCannotBeReadIsUnknownWithThePath() {
        host.file("/proc/sys/fs/aio-nr", "many");
        assertThat(only("aio"))
                .extracting(Finding::severity, Finding::why)
                .containsExactly(Severity.UNKNOWN, "/proc/sys/fs/aio-nr has no such value");
        assertThat(Map.of("left", host.tuning().plan().now().size())).containsEntry("left", 0);
    }
}
