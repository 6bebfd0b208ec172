package org.novabridge.driver.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LimitedExecutorTest {
    private static final Command CONVERT = Command.of(Tool.QEMU_IMG, "convert");

    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger peak = new AtomicInteger();
    private final AtomicInteger waiters = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private volatile int most = 2;

    private final LimitedExecutor executor = new LimitedExecutor(
            this::program, command -> command.program().equals("qemu-img"), () -> most, waiters::incrementAndGet);

    private CommandResult program(Command command) {
        peak.accumulateAndGet(running.incrementAndGet(), Math::max);
        try {
            assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            running.decrementAndGet();
        }
        return RecordingExecutor.result(command, 0, "", "");
    }

    private List<CompletableFuture<CommandResult>> start(int count) {
        List<CompletableFuture<CommandResult>> started = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CompletableFuture<CommandResult> end = new CompletableFuture<>();
            started.add(end);
            Thread thread = new Thread(() -> end.complete(executor.run(CONVERT)));
            thread.setDaemon(true);
            thread.start();
        }
        return started;
    }

    private void await(AtomicInteger number, int value) {
        while (number.get() < value) {
            LockSupport.parkNanos(200_000);
        }
    }

    @Test
    void noMoreThanTheLimitRunAtOnceAndAllComeToTheirTurn() throws Exception {
        List<CompletableFuture<CommandResult>> all = start(5);
        await(running, 2);
        await(waiters, 3);
        assertThat(running).hasValue(2);
        goOn.countDown();
        for (CompletableFuture<CommandResult> one : all) {
            assertThat(one.get(20, TimeUnit.SECONDS).exitCode()).isZero();
        }
        assertThat(peak).hasValue(2);
    }

    @Test
    void otherCommandsAreNotCounted() throws Exception {
        start(3);
        await(waiters, 1);
        CompletableFuture<CommandResult> other =
                CompletableFuture.supplyAsync(() -> executor.run(Command.of(Tool.LVS)));
        await(running, 3);
        goOn.countDown();
        assertThat(other.get(20, TimeUnit.SECONDS).exitCode()).isZero();
    }

    @Test
    void zeroIsNoLimitAndAReloadCounts() {
        start(3);
        await(waiters, 1);
        most = 0;
        await(running, 3);
        goOn.countDown();
        assertThat(peak).hasValue(3);
    }

    @Test
    void whoWaitsMayBeCancelledAndNothingRan() {
        start(2);
        await(running, 2);
        AtomicBoolean cancelled = new AtomicBoolean(true);
        assertThatThrownBy(() -> executor.run(CONVERT.withCancellation(cancelled::get)))
                .isInstanceOfSatisfying(
                        CommandFailedException.class,
                        e -> assertThat(e.reason()).isEqualTo(CommandFailedException.Reason.CANCELLED));
        // The two note it after they are counted, so perhaps not yet.
        await(peak, 2);
        goOn.countDown();
        assertThat(peak).hasValue(2);
    }
}
