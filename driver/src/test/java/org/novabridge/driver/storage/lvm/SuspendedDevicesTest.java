package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.exec.Tool;

/** Whose devices are resumed: those of the group and of what lies on it. */
class SuspendedDevicesTest {
    private static final String MAPPING = Recorded.UUID + "_disk-dmcrypt";

    private final RecordingExecutor executor = new RecordingExecutor();

    private void devices(String... lines) {
        executor.printing("dmsetup info", String.join("\n", lines));
    }

    private void resumed(String... names) {
        assumeTrue(Tool.DMSETUP.find().isPresent(), "dmsetup is not installed");
        assertThat(new SuspendedDevices(executor, "nova-vg").resume()).isEmpty();
        assertThat(executor.lines().stream().filter(line -> line.startsWith("dmsetup resume")))
                .containsExactly(java.util.Arrays.stream(names)
                        .map(name -> "dmsetup resume " + name)
                        .toArray(String[]::new));
    }

    @Test
    void devicesOfTheGroupAndMappingsOnIt() {
        devices("nova--vg-a|Suspended|nova-vg", "nova--vg-b|Active|nova-vg", MAPPING + "|Suspended|");
        executor.printing("dmsetup deps", "1 dependencies\t: (nova--vg-" + Recorded.UUID.replace("-", "--") + "_disk)");
        resumed("nova--vg-a", MAPPING);
    }

    @Test
    void nobodyElses() {
        devices("other-a|Suspended|other", "luks-home|Suspended|", MAPPING + "|Suspended|");
        executor.printing("dmsetup deps", "1 dependencies\t: (nova-" + Recorded.UUID.replace("-", "--") + "_disk)");
        resumed();
        executor.printing(
                "dmsetup deps", "1 dependencies\t: (nova--vg--two-" + Recorded.UUID.replace("-", "--") + "_disk)");
        resumed();
    }
}
