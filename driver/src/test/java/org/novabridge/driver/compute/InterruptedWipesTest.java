package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class InterruptedWipesTest {
    @TempDir
    Path folder;

    private static void awaitEnd(Operations operations, int count) throws InterruptedException {
        Instant end = Instant.now().plusSeconds(60);
        while (operations.list().stream().filter(o -> o.state().ended()).count() < count) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(5);
        }
    }

    @Test
    void eachIsAnOperationWithItsProgressAndOneFollowsTheOther() throws InterruptedException {
        Journal journal = new Journal(folder, CrashPoint.NONE);
        List<String> wiped = new CopyOnWriteArrayList<>();
        CountDownLatch looked = new CountDownLatch(1);
        CountDownLatch half = new CountDownLatch(1);
        try (Operations operations = new Operations(journal, Clock.systemUTC(), 4, OperationsTest.ROOMY)) {
            new InterruptedWipes(
                            operations, () -> List.of("nb-wipe-1", "nb-wipe-2", "nb-wipe-3"), (volume, progress) -> {
                                if (volume.equals("nb-wipe-1")) {
                                    progress.report("wipe the volume", 50);
                                    half.countDown();
                                    await(looked);
                                    throw new BridgeException(ErrorCode.VOLUMES_NOT_REMOVED, "its device is broken");
                                }
                                wiped.add(volume);
                            })
                    .begin();
            await(half);
            assertThat(operations.list()).singleElement().satisfies(operation -> {
                assertThat(operation.kind()).isEqualTo(Operation.Kind.WIPE);
                assertThat(operation.instance()).isEqualTo("nb-wipe-1");
                assertThat(operation.percent()).isEqualTo(50);
            });
            looked.countDown();
            awaitEnd(operations, 3);
            assertThat(wiped).containsExactly("nb-wipe-2", "nb-wipe-3");
            assertThat(operations.list())
                    .filteredOn(operation -> operation.state() == Operation.State.FAILED)
                    .singleElement()
                    .satisfies(failed -> assertThat(failed.instance()).isEqualTo("nb-wipe-1"));
        }
    }

    @Test
    void aWipeInTheJournalIsClosedAndWhatTheGroupRemembersGoesOn() throws InterruptedException {
        Journal first = new Journal(folder, CrashPoint.NONE);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Operations dead = new Operations(first, Clock.systemUTC(), 1, OperationsTest.ROOMY);
        new InterruptedWipes(dead, () -> List.of("nb-wipe-1"), (volume, progress) -> {
                    begun.countDown();
                    await(never);
                })
                .begin();
        await(begun);

        Journal second = new Journal(folder, CrashPoint.NONE);
        List<JournalEntry> entries = second.load();
        List<String> wiped = new CopyOnWriteArrayList<>();
        try (Operations operations = new Operations(second, Clock.systemUTC(), 4, OperationsTest.ROOMY)) {
            InterruptedWipes wipes = new InterruptedWipes(
                    operations, () -> List.of("nb-wipe-1"), (volume, progress) -> wiped.add(volume));
            new Settlement(
                            operations,
                            (kind, uuid) -> steps -> java.util.Map.of(),
                            id -> {},
                            () -> {},
                            wipes::begin,
                            java.time.Duration.ofSeconds(1))
                    .settle(entries);
            awaitEnd(operations, 2);
            assertThat(wiped).containsExactly("nb-wipe-1");
            assertThat(operations.list())
                    .extracting(Operation::state)
                    .containsExactlyInAnyOrder(Operation.State.DONE, Operation.State.INTERRUPTED);
        } finally {
            never.countDown();
            dead.close();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
