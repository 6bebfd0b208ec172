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
    private static final long SLICE = 256L << 20;
    private final RecordingExecutor executor = new RecordingExecutor();
    private final List<Long> waits = new ArrayList<>();
    private long now;

    private Eraser eraser(long rate) {
        return new Eraser(executor, new ErasePace(), rate, () -> now, nanos -> {
            waits.add(nanos);
            now += nanos;
        });
    }

    @Test
    void aRateMakesSlicesOfASecondAndWaitsForTheRestOfIt() {
        executor.doing("blkdiscard", command -> now += 250_000_000L);
        eraser(64 << 20).zero(DEVICE, 0, 160L << 20, "wipe", Progress.NONE, Eraser.UNNOTED);
        assertThat(executor.lines())
                .containsExactly(
                        "blkdiscard --zeroout --offset 0 --length 67108864 /dev/nova/x",
                        "blkdiscard --zeroout --offset 67108864 --length 67108864 /dev/nova/x",
                        "blkdiscard --zeroout --offset 134217728 --length 33554432 /dev/nova/x",
                        "sync --data /dev/nova/x");
        assertThat(waits).containsExactly(750_000_000L, 750_000_000L);
    }

    /** Two hundred megabytes by two wipes at 64 a second last as long as by one. */
    @Test
    void theRateIsThatOfAllTogether() {
        Eraser eraser = eraser(64 << 20);
        eraser.wipe(DEVICE, 0, 128L << 20, "wipe", Progress.NONE, Eraser.UNNOTED);
        eraser.wipe(DEVICE, 0, 64L << 20, "wipe", Progress.NONE, Eraser.UNNOTED);
        assertThat(now).isEqualTo(2_000_000_000L);
    }

    /** shred(1) knows none: the kernel's random bytes take its place, three times over. */
    @Test
    void aRateHoldsForShredToo() {
        List<String> phases = new ArrayList<>();
        eraser(64 << 20).shred(DEVICE, 96L << 20, new Progress() {
            @Override
            public void report(String phase, double percent) {
                phases.add(phase + " " + Math.round(percent));
            }

            @Override
            public boolean cancelled() {
                return false;
            }
        });
        String dd = "dd if=/dev/urandom of=/dev/nova/x bs=1M seek=%d count=%d iflag=fullblock,count_bytes"
                + " oflag=direct,seek_bytes conv=notrunc status=none";
        String first = dd.formatted(0, 64 << 20);
        String rest = dd.formatted(64 << 20, 32 << 20);
        String flush = "sync --data /dev/nova/x";
        assertThat(executor.lines()).containsExactly(first, rest, flush, first, rest, flush, first, rest, flush);
        assertThat(now).isEqualTo(4_000_000_000L);
        assertThat(phases).startsWith("shred the volume, pass 1 of 3 67").endsWith("shred the volume, pass 3 of 3 100");

        executor.clear();
        eraser(0).shred(DEVICE, 96L << 20, Progress.NONE);
        assertThat(executor.lines()).containsExactly("shred -n3 -s100663296 /dev/nova/x");
    }

    /** A note promises that what lies before it survives a power cut. */
    @Test
    void howFarItIsDoneIsNotedEachHalfMinuteAfterAFlush() {
        List<String> seen = new ArrayList<>();
        executor.doing("blkdiscard", command -> now += 10_000_000_000L);
        executor.doing("sync", command -> seen.add("flushed"));
        eraser(0).wipe(DEVICE, 0, 7 * SLICE, "wipe", Progress.NONE, safeTo -> seen.add("safe to " + safeTo / SLICE));
        assertThat(seen).containsExactly("flushed", "safe to 3", "flushed", "safe to 6", "flushed");
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
        assertThatThrownBy(() -> eraser(0).zero(DEVICE, 0, 1L << 30, "wipe", progress, Eraser.UNNOTED))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("cancelled");
        assertThat(percents).containsExactly(25.0, 50.0);
        assertThat(executor.lines()).noneMatch(line -> line.startsWith("sync"));
    }
}
