package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.host.tuning.TuningOutcome.Result;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFacts;

/** Apply, check, undo, equal to before; and the same when it is killed at every place. */
class HostTunerTest {
    private static final String UDEV = "/etc/udev/rules.d/61-nova-bridge-disks.rules";
    private static final String SYSCTL = "/etc/sysctl.d/60-nova-bridge.conf";
    private static final String TMPFILES = "/etc/tmpfiles.d/nova-bridge.conf";
    private static final String MODULES = "/etc/modules-load.d/nova-bridge.conf";

    @TempDir
    Path folder;

    private int hosts;

    /** Stands for a kill. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A host on which every kind of change is due: queues, sysctl, tmpfiles, a folder that is missing. */
    private RecordedHost untuned() throws IOException {
        RecordedHost host = new RecordedHost(Files.createDirectory(folder.resolve("host" + ++hosts)))
                .disk("sda", true, "[none] mq-deadline", "naa.5001")
                .disk("sdb", false, "none [bfq] mq-deadline", "")
                .disk("sdc", true, "[none]", "naa.5003")
                .file(
                        "/lib/modules/6.1.0-18-amd64/modules.dep",
                        "kernel/block/mq-deadline.ko.xz:\nkernel/block/bfq.ko:")
                .above("md0", "sda", "sdb", "sdc")
                .mount("md0", "/", "ext4", "rw")
                .file("/proc/sys/fs/aio-max-nr", "65536")
                .file("/sys/kernel/mm/ksm/run", "1")
                .file("/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]")
                .configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=writeback")));
        Files.createDirectories(host.root().resolve("etc/udev/rules.d"));
        return host;
    }

    private static Path state(RecordedHost host) {
        return host.root().resolve("var/lib/nova-bridge");
    }

    private static HostTuner tuner(RecordedHost host) {
        return new HostTuner(host.tree(), state(host), TuningSteps.NONE);
    }

    private static List<TuningOutcome> apply(RecordedHost host) {
        return tuner(host).apply(host.tuning().plan(), outcome -> {});
    }

    private static List<TuningOutcome> undo(RecordedHost host) {
        return tuner(host).undo(outcome -> {});
    }

    private static Path record(RecordedHost host) {
        return state(host).resolve(HostTuner.RECORD);
    }

    /** But for what only a boot can bring. */
    private static List<Finding> warnings(RecordedHost host) {
        return host.tuning().check().stream()
                .filter(finding -> finding.severity().compareTo(Severity.WARNING) >= 0)
                .filter(finding -> finding.settings().isEmpty()
                        || finding.settings().stream().anyMatch(setting -> setting.now() && setting.differs()))
                .toList();
    }

    @Test
    void appliedCheckedUndoneTheHostIsAsBefore() throws IOException {
        RecordedHost host = untuned();
        Map<String, String> before = host.picture();
        assertThat(warnings(host)).hasSize(8);

        assertThat(apply(host))
                .hasSize(12)
                .allSatisfy(outcome -> assertThat(outcome.result()).isEqualTo(Result.DONE));
        assertThat(warnings(host)).isEmpty();
        assertThat(host.tuning().plan().done()).isTrue();
        assertThat(host.read("/sys/block/sda/queue/scheduler")).isEqualTo("none [mq-deadline]");
        assertThat(host.read(SYSCTL).lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "fs.aio-max-nr = 1048576",
                        "vm.dirty_background_ratio = 5",
                        "vm.dirty_ratio = 10",
                        "vm.swappiness = 10");
        assertThat(host.read(TMPFILES).lines().filter(line -> !line.startsWith("#")))
                .containsExactly(
                        "w /sys/kernel/mm/ksm/run - - - - 0",
                        "w /sys/kernel/mm/transparent_hugepage/enabled - - - - madvise");
        assertThat(host.read(UDEV)).startsWith(OwnFile.ORIGIN);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(record(host))))
                .isEqualTo("rw-------");

        assertThat(undo(host))
                .hasSize(14)
                .allSatisfy(outcome -> assertThat(outcome.result()).isEqualTo(Result.DONE));
        assertThat(host.picture()).isEqualTo(before);
        assertThat(record(host)).doesNotExist();
        assertThat(undo(host)).isEmpty();
    }

    @Test
    void applyingTwiceChangesNothingMoreAndUndoGoesBackToTheFirst() throws IOException {
        RecordedHost host = untuned();
        Map<String, String> before = host.picture();
        apply(host);
        int written = host.written().size();
        assertThat(apply(host)).isEmpty();
        assertThat(host.written()).hasSize(written);
        // More is due later: the first values stay those to go back to.
        host.configured(config -> config.set(BridgeOptions.HOST_KSM, "on"));
        assertThat(apply(host)).isNotEmpty();
        assertThat(host.read("/sys/kernel/mm/ksm/run")).isEqualTo("1");
        undo(host);
        assertThat(host.picture()).isEqualTo(before);
    }

    @Test
    void afterABootOurFilesBringTheValuesAndUndoStillGoesBack() throws IOException {
        RecordedHost host = untuned();
        Map<String, String> before = host.picture();
        apply(host);
        // The boot: the kernel's values, then udev, sysctl and tmpfiles write those of our files; nothing is left to
        // do.
        assertThat(warnings(host)).isEmpty();
        host.file("/proc/sys/vm/swappiness", "60");
        assertThat(host.tuning().plan().now()).hasSize(1);
        assertThat(host.tuning().plan().afterBoot())
                .as("its line is there already")
                .isEmpty();
        undo(host);
        assertThat(host.picture()).isEqualTo(before);
    }

    @Test
    void killedAtAnyPlaceOfApplyUndoGoesBackAndApplyGoesOn() throws IOException {
        int places = places();
        assertThat(places).isGreaterThan(25);
        for (int place = 1; place <= places; place++) {
            RecordedHost host = untuned();
            Map<String, String> before = host.picture();
            killedAt(place, host);
            undo(host);
            assertThat(host.picture())
                    .as("undone after a kill at place " + place)
                    .isEqualTo(before);
            assertThat(record(host)).doesNotExist();

            RecordedHost other = untuned();
            killedAt(place, other);
            apply(other);
            assertThat(warnings(other))
                    .as("gone on after a kill at place " + place)
                    .isEmpty();
            undo(other);
            assertThat(other.picture()).isEqualTo(before);
        }
    }

    @Test
    void killedAtAnyPlaceOfUndoTheNextUndoEndsIt() throws IOException {
        RecordedHost whole = untuned();
        apply(whole);
        List<String> places = new ArrayList<>();
        new HostTuner(whole.tree(), state(whole), places::add).undo(outcome -> {});
        assertThat(places).hasSizeGreaterThanOrEqualTo(24);
        for (int place = 1; place <= places.size(); place++) {
            RecordedHost host = untuned();
            Map<String, String> before = host.picture();
            apply(host);
            HostTuner dying = new HostTuner(host.tree(), state(host), dieAt(place));
            assertThatThrownBy(() -> dying.undo(outcome -> {})).isInstanceOf(Killed.class);
            assertThat(undo(host))
                    .allSatisfy(outcome -> assertThat(outcome.result()).isEqualTo(Result.DONE));
            assertThat(host.picture()).as("killed at place " + place).isEqualTo(before);
        }
    }

    private static TuningSteps dieAt(int place) {
        int[] reached = {0};
        return where -> {
            if (++reached[0] == place) {
                throw new Killed();
            }
        };
    }

    private int places() throws IOException {
        List<String> reached = new ArrayList<>();
        RecordedHost host = untuned();
        new HostTuner(host.tree(), state(host), reached::add)
                .apply(host.tuning().plan(), outcome -> {});
        return reached.size();
    }

    private static void killedAt(int place, RecordedHost host) {
        HostTuner dying = new HostTuner(host.tree(), state(host), dieAt(place));
        assertThatThrownBy(() -> dying.apply(host.tuning().plan(), outcome -> {}))
                .isInstanceOf(Killed.class);
    }

    @Test
    void halfAFileOfAKillGoesWithUndo() throws IOException {
        RecordedHost host = untuned();
        Map<String, String> before = host.picture();
        apply(host);
        host.file(UDEV + ".tmp", OwnFile.ORIGIN);
        undo(host);
        assertThat(host.picture()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {UDEV, SYSCTL, TMPFILES, MODULES})
    void aFileOfTheOperatorsIsRefusedByNameAndNothingIsChanged(String path) throws IOException {
        RecordedHost host = untuned().file(path, "# mine\nfs.aio-max-nr = 1");
        Map<String, String> before = host.picture();
        assertThatThrownBy(() -> apply(host))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining(path)
                .hasMessageContaining("was not made by nova-bridge");
        assertThat(host.picture()).isEqualTo(before);
        assertThat(record(host)).doesNotExist();
    }

    @Test
    void aLinkWhereOurFileBelongsIsRefused() throws IOException {
        RecordedHost host = untuned().link(SYSCTL, "../sysctl.conf").file("/etc/sysctl.conf", OwnFile.ORIGIN);
        assertThatThrownBy(() -> apply(host)).hasMessageContaining(SYSCTL);
        assertThat(host.read("/etc/sysctl.conf")).isEqualTo(OwnFile.ORIGIN);
    }

    @Test
    void whatSomebodyElseHasChangedSinceStaysAndIsSaid() throws IOException {
        RecordedHost host = untuned();
        apply(host);
        host.file("/proc/sys/vm/swappiness", "33").file(SYSCTL, OwnFile.ORIGIN + "\nvm.swappiness = 33");
        List<TuningOutcome> left = undo(host).stream()
                .filter(outcome -> outcome.result() == Result.LEFT)
                .toList();
        assertThat(left)
                .extracting(TuningOutcome::sentence)
                .containsExactlyInAnyOrder(
                        "/proc/sys/vm/swappiness stays as it is: somebody has changed it since (it is 33)",
                        SYSCTL + " stays as it is: somebody has changed it since (it is another text)");
        assertThat(host.read("/proc/sys/vm/swappiness")).isEqualTo("33");
        assertThat(host.read("/proc/sys/fs/aio-max-nr")).isEqualTo("65536");
    }

    @Test
    void aNameThatAnotherDiskHasNowIsLeft() throws IOException {
        RecordedHost host = untuned();
        apply(host);
        host.file("/sys/block/sda/device/wwid", "naa.9999");
        assertThat(undo(host))
                .filteredOn(outcome -> outcome.result() == Result.LEFT)
                .singleElement()
                .satisfies(outcome -> assertThat(outcome.sentence()).contains("another disk has this name now"));
        assertThat(host.read("/sys/block/sda/queue/scheduler")).isEqualTo("none [mq-deadline]");
    }

    @Test
    void aValueThatTheKernelRefusesDoesNotKeepTheOthersAndIsTriedAgain() throws IOException {
        RecordedHost host = untuned();
        Map<String, String> before = host.picture();
        HostTree stubborn = new HostTree(host.root(), (file, value) -> {
            if (file.endsWith("aio-max-nr")) {
                throw new IOException("Operation not permitted");
            }
            host.tree().write("/" + host.root().toRealPath().relativize(file), value);
        });
        List<TuningOutcome> outcomes = new HostTuner(stubborn, state(host), TuningSteps.NONE)
                .apply(host.tuning().plan(), outcome -> {});
        assertThat(outcomes)
                .filteredOn(outcome -> outcome.result() == Result.FAILED)
                .singleElement()
                .satisfies(outcome -> assertThat(outcome.sentence())
                        .isEqualTo("/proc/sys/fs/aio-max-nr: /proc/sys/fs/aio-max-nr: the kernel refuses \"1048576\":"
                                + " Operation not permitted"));
        undo(host);
        assertThat(host.picture()).isEqualTo(before);
    }

    /** After a boot the name is another disk's, and its queue is changed too: that one is given back what it had. */
    @Test
    void aDiskThatHasTakenANameIsGivenBackItsOwnValue() throws IOException {
        RecordedHost host = untuned();
        apply(host);
        host.file("/sys/block/sda/queue/scheduler", "none mq-deadline [kyber]")
                .file("/sys/block/sda/device/wwid", "naa.7777");
        apply(host);
        assertThat(host.read("/sys/block/sda/queue/scheduler")).isEqualTo("none [mq-deadline] kyber");
        undo(host);
        assertThat(host.read("/sys/block/sda/queue/scheduler")).isEqualTo("none mq-deadline [kyber]");
    }

    @Test
    void undoGoesBackToWhatAnOperatorHasSetInBetween() throws IOException {
        RecordedHost host = untuned();
        apply(host);
        host.file("/proc/sys/fs/aio-max-nr", "100000");
        apply(host);
        assertThat(host.read("/proc/sys/fs/aio-max-nr")).isEqualTo("1048576");
        undo(host);
        assertThat(host.read("/proc/sys/fs/aio-max-nr")).isEqualTo("100000");
    }

    @Test
    void whatAnOperatorHasAddedToAFileOfOursIsNotLost() throws IOException {
        RecordedHost host = untuned();
        apply(host);
        String theirs = host.read(SYSCTL) + "\nvm.overcommit_memory = 1";
        host.file(SYSCTL, theirs).file("/sys/kernel/mm/ksm/run", "1");
        assertThatThrownBy(() -> apply(host)).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(e.getMessage()).contains(SYSCTL);
        });
        assertThat(host.read(SYSCTL)).isEqualTo(theirs);
        assertThat(host.read("/sys/kernel/mm/ksm/run"))
                .as("nothing was changed")
                .isEqualTo("1");
        undo(host);
        assertThat(host.read(SYSCTL)).isEqualTo(theirs);
    }

    /** A module is for the next boot, and from then on its line is what brings it. */
    @Test
    void aSchedulersModuleIsLoadedFromTheNextBootOnAndItsLineStays() throws IOException {
        RecordedHost host = untuned();
        apply(host);
        assertThat(host.read(MODULES)).startsWith(OwnFile.ORIGIN).endsWith("\nmq-deadline");
        assertThat(host.read(UDEV)).contains("naa.5003");
        assertThat(host.read("/sys/block/sdc/queue/scheduler")).isEqualTo("[none]");
        assertThat(host.tuning().plan().done()).isTrue();
        assertThat(host.findings("scheduler").get(2))
                .satisfies(finding -> assertThat(finding.remedy())
                        .isEqualTo(
                                "for now: modprobe mq-deadline, then nova-bridge host apply; the kernel offers only none for"
                                        + " this disk"));
        host.folder("/sys/module/mq_deadline").file("/sys/block/sdc/queue/scheduler", "none [mq-deadline]");
        assertThat(host.findings("scheduler")).extracting(Finding::severity).containsOnly(Severity.OK);
        assertThat(host.tuning().plan().done()).isTrue();
    }

    @Test
    void aKernelWithoutTheModuleGetsNoLine() throws IOException {
        RecordedHost host = untuned().file("/lib/modules/6.1.0-18-amd64/modules.dep", "kernel/block/bfq.ko:");
        apply(host);
        assertThat(host.root().resolve(MODULES.substring(1))).doesNotExist();
        assertThat(warnings(host))
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).startsWith("use a kernel with mq-deadline"));
    }

    /** An option that has no opinion any more writes nothing at the next boot either. */
    @Test
    void aFileOfWhichNothingIsWantedAnyMoreGoes() throws IOException {
        RecordedHost host = untuned();
        Map<String, String> before = host.picture();
        apply(host);
        host.configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of("file=none")))
                .file("/proc/sys/fs/aio-max-nr", "1048576");
        TuningPlan plan = host.tuning().plan();
        TuningChange.FileWrite sysctl = plan.afterBoot().stream()
                .filter(change -> change.path().equals(SYSCTL))
                .findFirst()
                .orElseThrow();
        assertThat(sysctl.dropped()).contains("vm.dirty_ratio = 10", "vm.swappiness = 10");
        apply(host);
        assertThat(host.read(SYSCTL)).doesNotContain("dirty_ratio");
        undo(host);
        assertThat(host.picture()).isEqualTo(before);
    }

    @Test
    void whatACheckCannotSeeNowStaysInItsFile() throws IOException {
        RecordedHost host = untuned();
        apply(host);
        host.configured(config -> config.set(LibvirtOptions.DISK_CACHEMODES, List.of()))
                .facts(HostFacts.builder().build());
        assertThat(host.tuning().check())
                .anyMatch(finding -> finding.severity() == Severity.UNKNOWN
                        && finding.check().equals("page-cache"));
        assertThat(host.tuning().plan().afterBoot())
                .flatExtracting(TuningChange.FileWrite::dropped)
                .isEmpty();
    }

    /** The boot found fewer free pages than the line asks for, and now there is no room for more: the next boot may find them. */
    @Test
    void theLineOfHugePagesOutlivesABootThatFoundTooFew() throws IOException {
        RecordedHost host = new RecordedHost(Files.createDirectory(folder.resolve("host" + ++hosts)))
                .node(0, 20L << 20, 0, 0)
                .file("/sys/kernel/mm/ksm/run", "1")
                .configured(
                        config -> config.set(BridgeOptions.HOST_HUGE_PAGES, List.of("node:0,size:2048,count:1000")));
        apply(host);
        assertThat(host.read(TMPFILES)).contains("nr_hugepages - - - - 1000");
        host.node(0, 1L << 10, 300, 0).file("/sys/kernel/mm/ksm/run", "1");
        assertThat(host.tuning().plan().afterBoot()).isEmpty();
    }

    @Test
    void whatUndoWouldDoIsTheSameAndChangesNothing() throws IOException {
        RecordedHost host = untuned();
        apply(host);
        Map<String, String> applied = host.picture();
        List<String> lines = tuner(host).planUndo();
        assertThat(host.picture()).isEqualTo(applied);
        assertThat(lines)
                .isEqualTo(undo(host).stream().map(TuningOutcome::sentence).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "[]",
                "{\"version\": 2, \"entries\": []}",
                "{\"version\": 1}",
                "{\"version\": 1, \"entries\": [{}]}",
                "{\"version\": 1, \"entries\": [null]}",
                "{\"version\": 1, \"entries\": [], \"more\": 1}",
                "{\"version\": 1, \"entries\": [{\"kind\":\"FILE\",\"path\":\"/etc/passwd\",\"before\":\"x\",\"written\":[],\"disk\":null}]}",
                "{\"version\": 1, \"entries\": [{\"kind\":\"KERNEL\",\"path\":\"/sys/../etc/passwd\",\"before\":\"x\",\"written\":[],\"disk\":null}]}",
                "{\"version\": 1, \"entries\": [{\"kind\":\"FOLDER\",\"path\":\"/home\",\"before\":null,\"written\":[],\"disk\":null}]}",
            })
    void aRecordThatIsNoneStopsBothAndNothingIsChanged(String text) throws IOException {
        RecordedHost host = untuned();
        Map<String, String> before = host.picture();
        Files.writeString(record(host), text);
        Files.setPosixFilePermissions(record(host), PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> undo(host)).isInstanceOf(BridgeException.class).hasMessageContaining("cannot be used");
        assertThatThrownBy(() -> apply(host)).isInstanceOf(BridgeException.class);
        assertThat(host.picture()).isEqualTo(before);
    }

    @Test
    void aRecordThatOthersMayWriteIsNotBelieved() throws IOException {
        RecordedHost host = untuned();
        apply(host);
        Files.setPosixFilePermissions(record(host), PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThatThrownBy(() -> undo(host)).hasMessageContaining("others than root could have written it");
    }
}
