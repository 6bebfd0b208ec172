package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.host.tuning.TuningOutcome.Result;

/** A kernel that nobody has simulated: applied, checked, undone, equal to before. */
@Tag("lab")
class HostTunerLabTest {
    @TempDir
    Path state;

    @Test
    void appliedCheckedUndoneTheLabIsAsBefore() throws IOException {
        Map<String, String> before = LabKernel.picture();
        assertThat(before).containsKey("/proc/sys/fs/aio-max-nr");
        assertThat(LabKernel.changeable())
                .as("limits of AIO and of dirty pages, at least")
                .hasSizeGreaterThan(3);
        HostTuner tuner = HostTuner.ofThisHost(state);
        List<TuningOutcome> made = tuner.apply(LabKernel.tuning().plan(), outcome -> {});
        assertThat(made)
                .hasSizeGreaterThan(4)
                .allSatisfy(outcome ->
                        assertThat(outcome.result()).as(outcome.sentence()).isEqualTo(Result.DONE));
        assertThat(LabKernel.read(Path.of("/proc/sys/fs/aio-max-nr"))).isEqualTo("1048576");
        assertThat(LabKernel.changeable()).isEmpty();
        assertThat(LabKernel.picture()).isNotEqualTo(before);
        assertThat(tuner.undo(outcome -> {}))
                .hasSizeGreaterThanOrEqualTo(made.size())
                .allSatisfy(outcome ->
                        assertThat(outcome.result()).as(outcome.sentence()).isEqualTo(Result.DONE));
        assertThat(LabKernel.picture()).isEqualTo(before);
        assertThat(state).isEmptyDirectory();
    }

    /** What a boot does: the kernel's own values, then udev and sysctl read our files. */
    @Test
    void ourFilesBringTheValuesBackAsAtABoot() throws IOException {
        Map<String, String> before = LabKernel.picture();
        HostTuner tuner = HostTuner.ofThisHost(state);
        TuningPlan plan = LabKernel.tuning().plan();
        assertThat(plan.afterBoot())
                .extracting(TuningChange.FileWrite::path)
                .contains(OwnFile.SYSCTL.path(), OwnFile.UDEV.path());
        tuner.apply(plan, outcome -> {});
        Map<String, String> applied = LabKernel.picture();
        for (TuningChange.KernelWrite change : plan.now()) {
            HostTree.ofThisHost().write(change.path(), change.found());
        }
        assertThat(LabKernel.changeable()).isNotEmpty();
        LabKernel.boot();
        assertThat(LabKernel.picture()).isEqualTo(applied);
        assertThat(LabKernel.changeable()).isEmpty();
        tuner.undo(outcome -> {});
        assertThat(LabKernel.picture()).isEqualTo(before);
    }
}
