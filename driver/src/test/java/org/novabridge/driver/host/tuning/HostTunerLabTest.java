package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.host.tuning.TuningOutcome.Result;
import org.novabridge.driver.model.HostFacts;

/** A kernel that nobody has simulated: applied, checked, undone, equal to before. */
@Tag("lab")
class HostTunerLabTest {
    @TempDir
    Path state;

    private static HostTuning tuning() {
        String disk = Objects.requireNonNull(System.getenv("LAB_DISKS"), "run by tools/lvm-lab-tests")
                .split(" ")[0];
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(LibvirtOptions.DISK_CACHEMODES, List.of("file=writeback"))
                .set(LibvirtOptions.IMAGES_TYPE, "lvm")
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, "of-nobody")
                .set(LibvirtOptions.IMAGES_LVM_DEVICES, List.of(disk))
                .build();
        return new HostTuning(
                new ObservedHost(
                        HostTree.ofThisHost(),
                        config,
                        HostFacts.builder().build(),
                        List.of(),
                        DriverSource.none("nobody asks"),
                        Instant.now()),
                List.of());
    }

    /** Values that a check may write, and our folders in /etc with all that is in them. */
    private static Map<String, String> picture() throws IOException {
        Map<String, String> all = new TreeMap<>();
        List<Path> files = new ArrayList<>(List.of(
                Path.of("/proc/sys/fs/aio-max-nr"),
                Path.of("/proc/sys/vm/swappiness"),
                Path.of("/proc/sys/vm/dirty_ratio"),
                Path.of("/proc/sys/vm/dirty_background_ratio"),
                Path.of("/sys/kernel/mm/ksm/run"),
                Path.of("/sys/kernel/mm/transparent_hugepage/enabled")));
        for (String folder : List.of("/sys/block", "/etc/udev", "/etc/sysctl.d", "/etc/tmpfiles.d")) {
            if (!Files.isDirectory(Path.of(folder))) {
                continue;
            }
            try (Stream<Path> below = Files.walk(Path.of(folder), 2)) {
                files.addAll(
                        folder.equals("/sys/block")
                                ? below.filter(path -> path.getNameCount() == 3)
                                        .flatMap(disk -> Stream.of("scheduler", "nomerges", "add_random")
                                                .map(name ->
                                                        disk.resolve("queue").resolve(name)))
                                        .toList()
                                : below.toList());
            }
        }
        for (Path file : files) {
            if (Files.isRegularFile(file)) {
                all.put(file.toString(), read(file));
            } else if (Files.isDirectory(file)) {
                all.put(file.toString(), "(folder)");
            }
        }
        return all;
    }

    /** With one read: the kernel gives a number out once. */
    private static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = new byte[64 * 1024];
            return new String(bytes, 0, Math.max(0, in.read(bytes)), StandardCharsets.UTF_8).strip();
        }
    }

    private static List<Finding> changeable() {
        return tuning().check().stream().filter(Finding::changeable).toList();
    }

    @Test
    void appliedCheckedUndoneTheLabIsAsBefore() throws IOException {
        Map<String, String> before = picture();
        assertThat(before).containsKey("/proc/sys/fs/aio-max-nr");
        assertThat(changeable())
                .as("limits of AIO and of dirty pages, at least")
                .hasSizeGreaterThan(3);
        HostTuner tuner = HostTuner.ofThisHost(state);
        List<TuningOutcome> made = tuner.apply(tuning().plan(), outcome -> {});
        assertThat(made)
                .hasSizeGreaterThan(4)
                .allSatisfy(outcome ->
                        assertThat(outcome.result()).as(outcome.sentence()).isEqualTo(Result.DONE));
        assertThat(read(Path.of("/proc/sys/fs/aio-max-nr"))).isEqualTo("1048576");
        assertThat(changeable()).isEmpty();
        assertThat(picture()).isNotEqualTo(before);
        assertThat(tuner.undo(outcome -> {}))
                .hasSizeGreaterThanOrEqualTo(made.size())
                .allSatisfy(outcome ->
                        assertThat(outcome.result()).as(outcome.sentence()).isEqualTo(Result.DONE));
        assertThat(picture()).isEqualTo(before);
        assertThat(state).isEmptyDirectory();
    }

    private static void run(String program, String... arguments) {
        Path path = Stream.of("/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/")
                .map(folder -> Path.of(folder + program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError(program + " is not installed"));
        new ProcessExecutor()
                .run(Command.ofProgram(path, List.of(arguments))
                        .withEffect(Effect.WRITES)
                        .withDeadline(Duration.ofMinutes(1)));
    }

    /** What a boot does: the kernel's own values, then udev and sysctl read our files. */
    @Test
    void ourFilesBringTheValuesBackAsAtABoot() throws IOException {
        Map<String, String> before = picture();
        HostTuner tuner = HostTuner.ofThisHost(state);
        TuningPlan plan = tuning().plan();
        assertThat(plan.afterBoot())
                .extracting(TuningChange.FileWrite::path)
                .contains(OwnFile.SYSCTL.path(), OwnFile.UDEV.path());
        tuner.apply(plan, outcome -> {});
        Map<String, String> applied = picture();
        for (TuningChange.KernelWrite change : plan.now()) {
            HostTree.ofThisHost().write(change.path(), change.found());
        }
        assertThat(changeable()).isNotEmpty();
        run("sysctl", "-q", "-p", OwnFile.SYSCTL.path());
        run("udevadm", "control", "--reload");
        run("udevadm", "trigger", "--action=change", "--subsystem-match=block");
        run("udevadm", "settle", "--timeout=30");
        assertThat(picture()).isEqualTo(applied);
        assertThat(changeable()).isEmpty();
        tuner.undo(outcome -> {});
        assertThat(picture()).isEqualTo(before);
    }
}
