package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.LaterWork;
import org.novabridge.driver.storage.Progress;

/** A delete leaves its wipe behind: one thread for requests, and a limit of one that waits. */
class LaterWipesTest {
    @TempDir
    Path folder;

    private final List<String> over = new CopyOnWriteArrayList<>();
    private final List<HostEvent> told = new CopyOnWriteArrayList<>();
    private Operations operations;

    @BeforeEach
    void start() {
        operations = new Operations(
                new Journal(folder, CrashPoint.NONE),
                Clock.systemUTC(),
                1,
                () -> new OperationLimits(1, Duration.ofHours(1), 100));
        operations.onChange(new FailedWipes(operations, told::add)::changed);
    }

    private LaterWork wipe(String volume, Consumer<Progress> work) {
        return new LaterWork() {
            @Override
            public String volume() {
                return volume;
            }

            @Override
            public void finish(Progress progress) {
                work.accept(progress);
            }

            @Override
            public void over() {
                over.add(volume);
            }
        };
    }

    private Operation release(String instance, LaterWork left) {
        Operation asked = operations.submit(
                Operation.Kind.RELEASE,
                instance,
                OperationsTest.OPERATOR,
                RequestKey.NONE,
                Work.of(steps -> assertThat(steps.leave(left)).isTrue()));
        return OperationsTest.Awaited.ended(operations, asked.id());
    }

    private Operation of(String volume) {
        return operations.list().stream()
                .filter(operation -> operation.kind() == Operation.Kind.WIPE)
                .filter(operation -> operation.instance().equals(volume))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void deletesAndRequestsGoOnWhileManyDisksAreWiped() {
        CountDownLatch end = new CountDownLatch(1);
        for (String volume : List.of("nb-wipe-1", "nb-wipe-2", "nb-wipe-3")) {
            Operation release = release("guest of " + volume, wipe(volume, progress -> {
                progress.report("wipe the volume", 40);
                await(end);
            }));
            assertThat(release.state()).isEqualTo(Operation.State.DONE);
        }
        assertThat(over).isEmpty();
        assertThat(of("nb-wipe-1").caller()).isEqualTo(Caller.BRIDGE);
        assertThat(of("nb-wipe-1").state().ended()).isFalse();
        end.countDown();
        for (String volume : List.of("nb-wipe-1", "nb-wipe-2", "nb-wipe-3")) {
            assertThat(OperationsTest.Awaited.ended(operations, of(volume).id()).state())
                    .isEqualTo(Operation.State.DONE);
        }
        operations.close();
        assertThat(over).containsExactlyInAnyOrder("nb-wipe-1", "nb-wipe-2", "nb-wipe-3");
        assertThat(told).isEmpty();
    }

    @Test
    void aWipeThatFailsIsToldAndTheDeleteStaysDone() {
        Operation release = release("guest", wipe("nb-wipe-1", progress -> {
            throw new BridgeException(ErrorCode.VOLUMES_NOT_REMOVED, "its device is broken");
        }));
        Operation wipe =
                OperationsTest.Awaited.ended(operations, of("nb-wipe-1").id());
        operations.close();
        assertThat(wipe.state()).isEqualTo(Operation.State.FAILED);
        assertThat(operations.get(release.id()).state()).isEqualTo(Operation.State.DONE);
        assertThat(over).containsExactly("nb-wipe-1");
        assertThat(told).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo(HostEvent.Kind.WIPE_FAILED);
            assertThat(event.detail()).containsEntry("volume", "nb-wipe-1");
        });
    }

    /** What is not done is not waited for: the volume's name says that it is to be wiped. */
    @Test
    void theEndOfTheBridgeDoesNotWaitForAWipe() {
        CountDownLatch begun = new CountDownLatch(1);
        release("guest", wipe("nb-wipe-1", progress -> {
            begun.countDown();
            while (!progress.cancelled()) {
                pause();
            }
            throw new BridgeException(ErrorCode.CANCELLED, "cancelled");
        }));
        await(begun);
        Instant asked = Instant.now();
        operations.close();
        assertThat(Duration.between(asked, Instant.now())).isLessThan(Duration.ofSeconds(5));
        assertThat(over).containsExactly("nb-wipe-1");
        assertThat(of("nb-wipe-1").state()).isEqualTo(Operation.State.CANCELLED);
    }

    @Test
    void aDeleteThatEndsWithTheBridgeLeavesItsWipeToTheNextStart() {
        operations.close();
        operations.later(wipe("nb-wipe-1", progress -> {}));
        assertThat(over).containsExactly("nb-wipe-1");
    }

    private static void pause() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
