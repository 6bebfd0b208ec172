package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.RecordingExecutor;

/** How a device is written to; what real programs make of it is tried in the lab. */
class QemuImgTest {
    private final RecordingExecutor executor = new RecordingExecutor();

    private String converted(QemuImg.Before before) {
        Duration minute = Duration.ofMinutes(1);
        new QemuImg(executor, new QemuImgSettings(null, minute, 1L << 31, minute, minute, minute))
                .convert(Path.of("/n/_base/abc"), "qcow2", Path.of("/dev/nova/x"), "raw", before, Progress.NONE);
        return executor.lines().get(executor.lines().size() - 1);
    }

    @Test
    void aDeviceIsWrittenInAnyOrderAndPastThePageCache() {
        assertThat(converted(QemuImg.Before.UNKNOWN))
                .isEqualTo("qemu-img convert -p -n -W -t none -f qcow2 -O raw ./abc /dev/nova/x");
    }

    @Test
    void holesAreLeftOutOnlyWhereTheDeviceIsKnownToHoldZeroes() {
        assertThat(converted(QemuImg.Before.ZERO))
                .isEqualTo("qemu-img convert -p -n -W --target-is-zero -t none -f qcow2 -O raw ./abc /dev/nova/x");
    }
}
