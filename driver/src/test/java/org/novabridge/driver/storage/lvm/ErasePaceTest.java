package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class ErasePaceTest {
    private final ErasePace pace = new ErasePace();
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();

    private ErasePace.Turn turn() throws InterruptedException {
        return Objects.requireNonNull(pace.turn(() -> false));
    }

    /** Begins to wait, and has its place in the queue when this returns. */
    private Thread waiter(String name) throws InterruptedException {
        Thread thread = new Thread(() -> {
            try (ErasePace.Turn turn = turn()) {
                got.add(name);
            } catch (InterruptedException e) {
                got.add("interrupted");
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
            LockSupport.parkNanos(200_000);
        }
        return thread;
    }

    /** So a wipe of many slices, which asks anew for each, does not keep another from its first. */
    @Test
    void turnsAreBoundedAndGoByTheOrderOfAsking() throws InterruptedException {
        ErasePace.Turn first = turn();
        ErasePace.Turn second = turn();
        List<Thread> threads = List.of(waiter("a"), waiter("b"), waiter("c"));
        assertThat(got.poll(300, TimeUnit.MILLISECONDS)).isNull();
        first.close();
        for (String name : List.of("a", "b", "c")) {
            assertThat(got.poll(10, TimeUnit.SECONDS)).isEqualTo(name);
        }
        for (Thread thread : threads) {
            thread.join(10_000);
        }
        second.close();
    }

    @Test
    void whoIsCancelledLeavesTheQueueToTheOthers() throws InterruptedException {
        ErasePace.Turn first = turn();
        ErasePace.Turn second = turn();
        assertThat(pace.turn(() -> true)).isNull();
        first.close();
        assertThat(pace.turn(() -> false)).isNotNull();
        second.close();
    }

    @Test
    void theRateIsSharedAndAnIdleTimeIsNotSavedUp() {
        assertThat(pace.book(100, 100, 5_000)).isZero();
        assertThat(pace.book(50, 100, 5_000)).isEqualTo(1_000_000_000L);
        assertThat(pace.book(50, 100, 1_000_005_000L)).isEqualTo(500_000_000L);
        assertThat(pace.book(50, 100, 9_000_000_000L)).isZero();
        assertThat(pace.book(1 << 30, 0, 9_000_000_000L)).isZero();
    }
}
