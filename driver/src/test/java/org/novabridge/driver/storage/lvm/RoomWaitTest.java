package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

/** Time passes only in the waits. */
class RoomWaitTest {
    private static final long MIB = Recorded.MIB;
    private final RecordingExecutor executor = new RecordingExecutor();
    private final List<String> phases = new ArrayList<>();
    private long free = 4 * MIB;
    private long now;
    private int waits;
    private int wipedAfter = Integer.MAX_VALUE;
    private int cancelledAfter = Integer.MAX_VALUE;

    private final Progress progress = new Progress() {
        @Override
        public void report(String phase, double percent) {
            phases.add(phase);
        }

        @Override
        public boolean cancelled() {
            return waits >= cancelledAfter;
        }
    };

    private String take(long patience) {
        executor.on("vgs", command -> RecordingExecutor.result(command, 0, Recorded.group(free, "nova-bridge", 0), ""));
        executor.printing(
                "lvs", Recorded.volumes("nb-wipe-0a-" + Recorded.UUID + "_disk", "8388608", "", "-wi-ao----"));
        RoomWait wait = new RoomWait(
                new LockedGroup(executor, Recorded.settings()), Duration.ofSeconds(patience), () -> now, nanos -> {
                    now += nanos;
                    if (++waits == wipedAfter) {
                        free = 12 * MIB;
                    }
                });
        return wait.take(group -> 12 * MIB, progress, group -> "made with " + group.free() / MIB);
    }

    private static void code(ErrorCode code, String said, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e).hasMessageContaining(said);
        });
    }

    @Test
    void whatHasRoomAsksOnceAndForNoVolumes() {
        free = 12 * MIB;
        assertThat(take(300)).isEqualTo("made with 12");
        assertThat(executor.lines()).singleElement().asString().startsWith("vgs");
    }

    @Test
    void aWipeThatBringsEnoughIsWaitedFor() {
        wipedAfter = 3;
        assertThat(take(300)).isEqualTo("made with 12");
        assertThat(phases).hasSize(3).containsOnly("wait for the wipe of nb-wipe-0a-" + Recorded.UUID + "_disk");
    }

    @Test
    void patienceEnds() {
        code(ErrorCode.STORAGE_FULL, "300 s ([nova_bridge]wipe_wait_timeout)", () -> take(300));
        assertThat(waits).isEqualTo(300);
    }

    @Test
    void withoutPatienceItFailsAtOnce() {
        code(ErrorCode.STORAGE_FULL, "give back 8388608 more", () -> take(0));
        assertThat(waits).isZero();
    }

    @Test
    void waitingIsCancelled() {
        cancelledAfter = 2;
        code(ErrorCode.CANCELLED, "wipe", () -> take(300));
        assertThat(waits).isEqualTo(2);
    }

    /** Else a create would wait for a wipe that its broken device has ended. */
    @Test
    void aWipeThatFailedIsNotWaitedFor() {
        WipeClaim claim =
                WipeClaim.take("nova", "nb-wipe-0a-" + Recorded.UUID + "_disk").orElseThrow();
        claim.giveUp();
        claim.close();
        try {
            code(ErrorCode.STORAGE_FULL, "tried again at the next start", () -> take(300));
            assertThat(waits).isZero();
        } finally {
            WipeClaim.take("nova", "nb-wipe-0a-" + Recorded.UUID + "_disk")
                    .orElseThrow()
                    .close();
        }
    }
}
