package org.novabridge.driver.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The observer knows of a child before the child acts. */
class GateTest {

    @TempDir
    Path folder;

    private final List<String> events = new CopyOnWriteArrayList<>();
    private Path target = Path.of("/nowhere");

    @BeforeEach
    void target() {
        target = folder.resolve("made");
    }

    private ProcessExecutor executor(Runnable atStart) {
        return new ProcessExecutor(
                new ChildObserver() {
                    @Override
                    public void started(Child child) {
                        events.add("started " + child.argv().get(0) + " acted=" + Files.exists(target));
                        atStart.run();
                        events.add("returned acted=" + Files.exists(target));
                    }

                    @Override
                    public void ended(Child child) {
                        events.add("ended acted=" + Files.exists(target));
                    }

                    @Override
                    public void overdue(Child child, Duration elapsed) {
                        events.add("overdue");
                    }
                },
                folder.resolve("run"));
    }

    private Command touch() {
        return Command.ofProgram(Path.of("/usr/bin/touch"), List.of(target.toString()));
    }

    private static void pause() {
        try {
            Thread.sleep(300);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void theChildWaitsForTheObserver() throws Exception {
        for (Effect effect : List.of(Effect.WRITES, Effect.MUST_FINISH)) {
            events.clear();
            Files.deleteIfExists(target);
            executor(GateTest::pause).run(touch().withEffect(effect));
            assertThat(events)
                    .containsExactly("started /usr/bin/touch acted=false", "returned acted=false", "ended acted=true");
        }
    }

    @Test
    void whatChangesSomethingHasASessionOfItsOwnSoThatTheTerminalsInterruptKeyDoesNotReachIt() {
        Command session =
                Command.ofProgram(Path.of("/bin/sh"), List.of("-c", "echo $(cut -d ' ' -f 6 /proc/$$/stat) $$"));
        for (Effect effect : List.of(Effect.WRITES, Effect.MUST_FINISH)) {
            for (ProcessExecutor executor : List.of(executor(() -> {}), new ProcessExecutor())) {
                String[] words = executor.run(session.withEffect(effect))
                        .stdout()
                        .strip()
                        .split(" ");
                assertThat(words[0]).as("session of %s", words[1]).isEqualTo(words[1]);
            }
        }
    }

    @Test
    void readingCommandsAreNotAnnounced() {
        executor(() -> {}).run(touch());
        assertThat(events).isEmpty();
        assertThat(target).exists();
    }

    @Test
    void anObserverThatRefusesStopsTheChildBeforeItActs() throws Exception {
        ProcessExecutor executor = executor(() -> {
            throw new IllegalStateException("journal is full");
        });
        assertThatThrownBy(() -> executor.run(touch().withEffect(Effect.MUST_FINISH)))
                .isInstanceOf(IllegalStateException.class);
        Thread.sleep(200);
        assertThat(target).doesNotExist();
    }

    @Test
    void whatMustFinishIsNotEndedAtItsDeadlineButAlarmed() {
        List<String> arguments = new ArrayList<>(List.of("-c", "sleep 1; echo out; echo err >&2; touch \"$0\""));
        arguments.add(target.toString());
        CommandResult result = executor(() -> {})
                .run(Command.ofProgram(Path.of("/bin/sh"), arguments)
                        .withEffect(Effect.MUST_FINISH)
                        .withDeadline(Duration.ofMillis(450))
                        .withCancellation(() -> true));
        assertThat(result.stdout()).isEqualTo("out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
        assertThat(target).exists();
        assertThat(events).contains("overdue").last().isEqualTo("ended acted=true");
    }

    @Test
    void nothingStaysInTheRunFolder() throws Exception {
        Files.createDirectories(folder.resolve("run"));
        Files.createFile(folder.resolve("run/out-77"));
        executor(() -> {}).run(touch().withEffect(Effect.MUST_FINISH));
        try (var entries = Files.list(folder.resolve("run"))) {
            assertThat(entries).isEmpty();
        }
    }

    @Test
    void theExitCodeComesThroughTheGate() {
        Command command = Command.ofProgram(Path.of("/bin/sh"), List.of("-c", "exit 5"))
                .withEffect(Effect.WRITES)
                .accepting(5);
        assertThat(executor(() -> {}).run(command).exitCode()).isEqualTo(5);
    }
}
