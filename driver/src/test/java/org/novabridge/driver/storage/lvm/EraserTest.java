package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.Progress;

class EraserTest {
    private static final Path DEVICE = Path.of("/dev/nova/x");
    private final RecordingExecutor executor = new RecordingExecutor();
    private long now;

    @Test
    void aRateMakesSlicesOfASecondAndWaitsForTheRestOfIt() {
        List<Long> waits = new ArrayList<>();
        executor.doing("blkdiscard", command -> now += 250_000_000L);
        new Eraser(executor, 64 << 20, () -> now, waits::add).zero(DEVICE, 0, 160L << 20, "wipe", Progress.NONE);
        assertThat(executor.lines())
                .containsExactly(
                        "blkdiscard --zeroout --offset 0 --length 67108864 /dev/nova/x",
                        "blkdiscard --zeroout --offset 67108864 --length 67108864 /dev/nova/x",
                        "blkdiscard --zeroout --offset 134217728 --length 33554432 /dev/nova/x");
        assertThat(waits).containsExactly(750_000_000L, 750_000_000L);
    }

    @Test
    void cancellingEndsItBetweenTwoSlices() {
        List<Double> percents = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void report(String phase, double percent) {
                percents.add(percent);
            }

            @Override
            public boolean cancelled() {
                return percents.size() == 2;
            }
        };
        Eraser eraser = new Eraser(executor, 0);
        assertThatThrownBy(() -> eraser.zero(DEVICE, 0, 1L << 30, "wipe", progress))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("cancelled");
        assertThat(percents).containsExactly(25.0, 50.0);
    }
}
