package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.ROOMY;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.exec.ChildObserver;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.HostProcess;
import org.novabridge.driver.exec.LimitedExecutor;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Children of an operation that a thread of their own runs. */
class ChildJournalTest {
    private static final int MANY = 100;

    @TempDir(factory = InMemory.class)
    Path state;

    @TempDir
    Path runs;

    private Journal journal = new Journal(Path.of("/nowhere"), CrashPoint.NONE);
    private Operations operations = new Operations(journal, Clock.systemUTC(), 1, ROOMY);

    @BeforeEach
    void open() {
        operations.close();
        journal = new Journal(state, CrashPoint.NONE);
        operations = new Operations(journal, Clock.systemUTC(), 1, ROOMY);
    }

    @AfterEach
    void close() {
        operations.close();
    }

    private Operation ended(Work work) {
        Operation submitted = operations.submit(Operation.Kind.CREATE, UUID_A, OPERATOR, RequestKey.NONE, work);
        return OperationsTest.Awaited.ended(operations, submitted.id());
    }

    private List<String> written() {
        return journal.load().stream()
                .flatMap(entry -> entry.children().stream())
                .map(JournalEntry.Child::program)
                .toList();
    }

    @Test
    void aProgramThatAnotherThreadRunsForAnOperationIsInItsEntryBeforeItActs() {
        List<String> atGate = Collections.synchronizedList(new ArrayList<>());
        CommandExecutor executor = new LimitedExecutor(
                new ProcessExecutor(
                        new ChildJournal(place -> {
                            if (place.startsWith("child before")) {
                                atGate.addAll(written());
                            }
                        }),
                        runs),
                command -> true,
                () -> 1,
                () -> {});
        Command command = Command.ofProgram(Path.of("/bin/true"), List.of()).withEffect(Effect.WRITES);
        Operation done = ended(steps -> {
            CommandExecutor mine = executor.ofThisThread();
            CompletableFuture.runAsync(() -> mine.run(command)).join();
            CompletableFuture.runAsync(() -> executor.run(command)).join();
            return Map.of();
        });
        assertThat(done.state()).as("%s", done.problem()).isEqualTo(Operation.State.DONE);
        assertThat(atGate).as("the other one was nobody's").containsExactly("/bin/true");
        assertThat(written()).isEmpty();
    }

    @Test
    void whatTwoThreadsWriteIntoAnEntryIsNeverLost() {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Operation done = ended(steps -> {
            ChildObserver mine = new ChildJournal().ofThisThread();
            CompletableFuture<Void> children =
                    CompletableFuture.runAsync(() -> IntStream.range(0, MANY).forEach(i -> {
                        mine.started(child(i));
                        if (i % 2 == 1) {
                            mine.ended(child(i));
                        }
                    }));
            for (int i = 0; i < MANY; i++) {
                steps.step("step " + i, new Undo.RemoveFile("file" + i));
            }
            children.join();
            steps.step("look");
            seen.addAll(written());
            assertThat(journal.load().get(0).undo()).hasSize(MANY);
            return Map.of();
        });
        assertThat(done.state()).as("%s", done.problem()).isEqualTo(Operation.State.DONE);
        assertThat(seen)
                .containsExactlyElementsOf(IntStream.range(0, MANY)
                        .filter(i -> i % 2 == 0)
                        .mapToObj(i -> "program" + i)
                        .toList());
    }

    /** Else it would run, and stand in an entry that nobody looks at before the next start. */
    @Test
    void whatIsStartedForAnOperationThatHasEndedDoesNotAct() {
        ProcessExecutor executor = new ProcessExecutor(new ChildJournal(), runs);
        AtomicReference<CommandExecutor> late = new AtomicReference<>();
        Operation done = ended(steps -> {
            late.set(executor.ofThisThread());
            return Map.of();
        });
        assertThat(done.state()).isEqualTo(Operation.State.DONE);
        Path acted = state.resolve("acted");
        Command command = Command.of(Tool.CP, "/dev/null", acted.toString()).withEffect(Effect.WRITES);
        assertThatThrownBy(() -> Objects.requireNonNull(late.get()).run(command))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED))
                .hasMessageContaining("operation " + done.id() + " has ended");
        assertThat(acted).doesNotExist();
        assertThat(written()).isEmpty();
    }

    /** What a crash left is taken back by an operation that has ended. */
    @Test
    void itMayStillTakeBack() {
        List<String> atGate = Collections.synchronizedList(new ArrayList<>());
        ChildObserver children = new ChildJournal();
        operations.undoWith((undo, steps) -> {
            children.started(child(1));
            atGate.addAll(written());
            children.ended(child(1));
        });
        Operation failed = ended(steps -> {
            steps.step("begin", new Undo.RemoveFile("file"));
            throw new BridgeException(ErrorCode.STORAGE_FAILED, "told to fail");
        });
        assertThat(failed.state()).isEqualTo(Operation.State.FAILED);
        assertThat(atGate).containsExactly("program1");
    }

    private static ChildObserver.Child child(int number) {
        return new ChildObserver.Child(
                new HostProcess(1000 + number, number, "boot"), List.of("program" + number), Effect.WRITES);
    }
}
