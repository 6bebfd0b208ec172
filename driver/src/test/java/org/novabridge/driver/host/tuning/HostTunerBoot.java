package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.novabridge.driver.host.tuning.TuningOutcome.Result;

/**
 * What is done in one boot of a lab whose /etc and state are kept: {@code PART FOLDER}. Ends with the stack of what was not as
 * it should be.
 */
public final class HostTunerBoot {
    /** A module of the lab's kernel that nothing loads by itself. */
    private static final String MODULE = "bfq";

    private static final String AHEAD = "/sys/block/ubda/queue/read_ahead_kb";

    private final Path folder;
    private final HostTuner tuner;

    private HostTunerBoot(Path folder) throws IOException {
        this.folder = folder;
        this.tuner = HostTuner.ofThisHost(Files.createDirectories(folder.resolve("state")));
    }

    public static void main(String[] args) throws IOException {
        HostTunerBoot boot = new HostTunerBoot(Path.of(args[1]));
        switch (args[0]) {
            case "apply" -> boot.apply();
            case "check" -> boot.checkAndUndo();
            case "after" -> boot.equalToBefore();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    /**
     * What the lab's kernel has not (KSM, huge pages, a governor, a scheduler as a module that its disks want) has no finding of a
     * check here: two others stand in for the files of ours that would stay empty, with values of this kernel.
     */
    private static HostTuning tuning() {
        return LabKernel.tuning(List.of(
                Finding.about("scheduler", "a disk of another machine", "switching-sched.rst")
                        .setting(Setting.module(HostTree.ofThisHost(), MODULE))
                        .as(Severity.WARNING),
                Finding.about("queue", "read_ahead_kb", "sysfs-block")
                        .setting(Setting.tmpfiles(AHEAD, read(AHEAD), "256"))
                        .orWhenSettingsDiffer(Severity.WARNING)));
    }

    private static String read(String path) {
        return HostTree.ofThisHost().value(path).orElseThrow();
    }

    private static boolean loaded() {
        return Files.isDirectory(Path.of("/sys/module/" + MODULE));
    }

    private void apply() throws IOException {
        LabKernel.boot();
        Map<String, String> before = LabKernel.picture();
        keep("before", before);
        assertThat(loaded()).isFalse();
        TuningPlan plan = tuning().plan();
        assertThat(plan.afterBoot())
                .extracting(TuningChange.FileWrite::path)
                .containsExactlyInAnyOrder(
                        OwnFile.UDEV.path(), OwnFile.SYSCTL.path(), OwnFile.TMPFILES.path(), OwnFile.MODULES.path());
        allDone(tuner.apply(plan, outcome -> {}));
        keep("applied", LabKernel.picture());
        assertThat(LabKernel.changeable()).isEmpty();
        assertThat(loaded()).as("a module is for the next boot").isFalse();
    }

    private void checkAndUndo() throws IOException {
        Map<String, String> before = kept("before");
        assertThat(LabKernel.read(Path.of("/proc/sys/vm/swappiness")))
                .as("a new kernel has its own values")
                .isEqualTo(before.get("/proc/sys/vm/swappiness"));
        assertThat(LabKernel.changeable()).hasSizeGreaterThan(3);
        assertThat(read(AHEAD)).isEqualTo(before.get(AHEAD)).isNotEqualTo("256");
        LabKernel.boot();
        assertThat(read(AHEAD)).as("by systemd-tmpfiles").isEqualTo("256");
        assertThat(loaded()).as(MODULE + " by systemd-modules-load").isTrue();
        assertThat(LabKernel.picture()).isEqualTo(kept("applied"));
        assertThat(LabKernel.changeable()).isEmpty();
        assertThat(tuning().plan().done()).isTrue();
        allDone(tuner.undo(outcome -> {}));
        assertThat(LabKernel.picture()).isEqualTo(before);
    }

    private void equalToBefore() throws IOException {
        LabKernel.boot();
        assertThat(loaded()).isFalse();
        assertThat(LabKernel.picture()).isEqualTo(kept("before"));
        assertThat(folder.resolve("state")).isEmptyDirectory();
    }

    private static void allDone(List<TuningOutcome> outcomes) {
        assertThat(outcomes)
                .hasSizeGreaterThan(5)
                .allSatisfy(outcome ->
                        assertThat(outcome.result()).as(outcome.sentence()).isEqualTo(Result.DONE));
    }

    /** Each value on a line of its own; the end of a line within one is written as a sign that no file here has. */
    private void keep(String name, Map<String, String> picture) throws IOException {
        StringBuilder text = new StringBuilder();
        picture.forEach((path, value) -> text.append(path)
                .append('\t')
                .append(value.replace('\n', '\u2028'))
                .append('\n'));
        Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
    }

    private Map<String, String> kept(String name) throws IOException {
        Map<String, String> picture = new TreeMap<>();
        for (String line : Files.readAllLines(folder.resolve(name), StandardCharsets.UTF_8)) {
            String[] words = line.split("\t", 2);
            picture.put(words[0], words[1].replace('\u2028', '\n'));
        }
        return picture;
    }
}
