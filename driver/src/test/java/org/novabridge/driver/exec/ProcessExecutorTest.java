package org.novabridge.driver.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.exec.CommandFailedException.Reason;

class ProcessExecutorTest {

    @TempDir
    Path folder;

    private final ProcessExecutor executor = new ProcessExecutor();

    /** The shell stands for any program here; the house itself never uses one. */
    private static Command script(String text, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-c", text, "script"));
        all.addAll(Arrays.asList(arguments));
        return Command.ofProgram(Path.of("/bin/sh"), all);
    }

    private static CommandFailedException failure(ThrowingRun run) {
        try {
            run.run();
        } catch (CommandFailedException e) {
            return e;
        }
        throw new AssertionError("the command did not fail");
    }

    private interface ThrowingRun {
        void run();
    }

    @Test
    void bothOutputsAndTheExitCodeAreKeptApart() {
        CommandResult result =
                executor.run(script("echo out; echo err >&2; exit 3").accepting(0, 3));
        assertThat(result.stdout()).isEqualTo("out\n");
        assertThat(result.stderr()).isEqualTo("err\n");
        assertThat(result.exitCode()).isEqualTo(3);
    }

    @Test
    void theEnvironmentIsOursAlone() {
        CommandResult result = executor.run(Command.ofProgram(Path.of("/usr/bin/env"), List.of()));
        assertThat(result.stdout().lines())
                .containsExactlyInAnyOrder(
                        "LC_ALL=C.UTF-8",
                        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                        "LVM_SUPPRESS_FD_WARNINGS=1",
                        "NOVA_BRIDGE_CHILD=1");
    }

    /** More than a pipe holds, so it is read while it is written. */
    @Test
    void aStreamIsReadWhileItIsWritten() {
        byte[] block = new byte[1 << 16];
        CommandResult result = executor.run(script("wc -c").withStdin((StdinSource) to -> {
            for (int i = 0; i < 64; i++) {
                to.write(block);
            }
        }));
        assertThat(result.stdout().strip()).isEqualTo("4194304");
    }

    @Test
    void aStreamThatBreaksOffEndsTheInputAndNotTheCommand() {
        CommandResult result = executor.run(script("cat").withStdin((StdinSource) to -> {
            to.write("some".getBytes(StandardCharsets.US_ASCII));
            to.flush();
            throw new IOException("the disk is gone");
        }));
        assertThat(result.stdout()).isEqualTo("some");
    }

    @Test
    void aProgramThatReadsNothingIsEndedWhileItsStreamStandsStill() {
        CommandFailedException e = failure(() -> executor.run(script("sleep 60")
                .withDeadline(null)
                .withIdleDeadline(Duration.ofMillis(500))
                .withStdin((StdinSource) to -> {
                    while (true) {
                        to.write(new byte[1 << 16]);
                    }
                })));
        assertThat(e.reason()).isEqualTo(Reason.IDLE);
    }

    @Test
    void argumentsAreNeverInterpreted() {
        List<String> hostile = List.of("$(id)", "; rm -rf /", "a b", "*", "\"quoted\"", "--", "-n", "ü\n");
        CommandResult result = executor.run(script("printf '%s|' \"$@\"", hostile.toArray(String[]::new)));
        assertThat(result.stdout()).isEqualTo(String.join("|", hostile) + "|");
    }

    @Test
    void aBigStderrDoesNotBlockAndIsCapped() {
        CommandResult result = executor.run(
                script("head -c 3000000 /dev/zero | tr '\\0' e >&2; echo done").withOutputCap(1000));
        assertThat(result.stdout()).isEqualTo("done\n");
        assertThat(result.stderr()).hasSize(1000);
        assertThat(result.truncated()).isTrue();
    }

    @Test
    void aLastLineWithoutNewlineReachesTheListenerAndCarriageReturnsSplit() {
        List<String> lines = new CopyOnWriteArrayList<>();
        executor.run(script("printf '  (1.00/100%%)\\r  (2.00/100%%)\\rend'").withLineListener(lines::add));
        assertThat(lines).containsExactly("  (1.00/100%)", "  (2.00/100%)", "end");
    }

    @Test
    void aListenerThatFailsDoesNotHurtTheCommand() {
        CommandResult result = executor.run(script("echo a; echo b").withLineListener(line -> {
            throw new IllegalStateException("defect");
        }));
        assertThat(result.stdout()).isEqualTo("a\nb\n");
    }

    @Test
    void stdinIsEmptyGivenOrAFile() throws Exception {
        Command cat = Command.ofProgram(Path.of("/bin/cat"), List.of());
        assertThat(executor.run(cat).stdout()).isEmpty();
        assertThat(executor.run(cat.withStdin("abc".getBytes(StandardCharsets.UTF_8)))
                        .stdout())
                .isEqualTo("abc");
        Path file = Files.writeString(folder.resolve("in"), "from file");
        assertThat(executor.run(cat.withStdin(file)).stdout()).isEqualTo("from file");
    }

    @Test
    void aProgramThatDoesNotReadItsStdinIsNoProblem() {
        byte[] much = new byte[1 << 20];
        assertThat(executor.run(script("exit 0").withStdin(much)).exitCode()).isZero();
    }

    @Test
    void theDeadlineEndsGrandchildrenToo() throws Exception {
        Path pidFile = folder.resolve("pid");
        long begin = System.nanoTime();
        CommandFailedException e =
                failure(() -> executor.run(script("sleep 60 & echo $! > \"$1\"; sleep 60", pidFile.toString())
                        .withDeadline(Duration.ofMillis(600))));
        assertThat(e.reason()).isEqualTo(Reason.DEADLINE);
        assertThat(e.timedOut()).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        long grandchild = Long.parseLong(Files.readString(pidFile).strip());
        assertThat(ProcessHandle.of(grandchild).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void aProgramThatIgnoresTermIsKilled() {
        CommandFailedException e = failure(() ->
                executor.run(script("trap '' TERM; while :; do sleep 0.1; done").withDeadline(Duration.ofMillis(300))));
        assertThat(e.result().exitCode()).isEqualTo(137);
    }

    @Test
    void silenceEndsACommandWithAnIdleDeadline() {
        CommandFailedException e = failure(
                () -> executor.run(script("echo begin; exec sleep 60").withIdleDeadline(Duration.ofMillis(700))));
        assertThat(e.reason()).isEqualTo(Reason.IDLE);
        assertThat(e).hasMessageContaining("no sign of progress");
    }

    @Test
    void aSignOfProgressKeepsACommandAlive() {
        CommandResult result = executor.run(
                script("for i in 1 2 3 4 5; do sleep 1; echo $i; done").withIdleDeadline(Duration.ofSeconds(4)));
        assertThat(result.stdout().lines()).hasSize(5);
    }

    @Test
    void cancellationEndsIt() {
        AtomicBoolean cancelled = new AtomicBoolean();
        CommandFailedException e = failure(() -> executor.run(script("echo go; exec sleep 60")
                .withLineListener(line -> cancelled.set(true))
                .withCancellation(cancelled::get)));
        assertThat(e.reason()).isEqualTo(Reason.CANCELLED);
    }

    @Test
    void anInterruptEndsItAndStaysSet() throws Exception {
        List<Object> seen = new CopyOnWriteArrayList<>();
        Thread caller = new Thread(() -> {
            CommandFailedException e = failure(() -> executor.run(script("exec sleep 60")));
            seen.add(e.reason());
            seen.add(Thread.currentThread().isInterrupted());
        });
        caller.start();
        Thread.sleep(300);
        caller.interrupt();
        caller.join(10_000);
        assertThat(seen).containsExactly(Reason.INTERRUPTED, true);
    }

    @Test
    void aMissingProgramIsNamed() {
        CommandFailedException e =
                failure(() -> executor.run(Command.ofProgram(Path.of("/no/such/program"), List.of("x"))));
        assertThat(e.reason()).isEqualTo(Reason.NOT_STARTED);
        assertThat(e).hasMessageContaining("/no/such/program is not installed");
        assertThatThrownBy(() -> Command.ofProgram(Path.of("relative"), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void secretsAreNowhere() {
        Command command = script("read key; echo \"key $key\"; echo \"bad key $key\" >&2; exit 1")
                .withSecretStdin("s3cr3t-value\n".getBytes(StandardCharsets.UTF_8));
        CommandFailedException e = failure(() -> executor.run(command));
        assertThat(e.getMessage() + e.result() + command)
                .doesNotContain("s3cr3t")
                .contains("***");
    }

    @Test
    void theSentenceNamesCommandExitAndLastLine() {
        CommandFailedException e = failure(() -> executor.run(script("echo first >&2; echo 'no room' >&2; exit 5")));
        assertThat(e).hasMessageContaining("failed with exit 5: no room [/bin/sh -c");
        assertThat(e.said("no room")).isTrue();
    }

    @Test
    void confinementLimitsAndDropsPrivileges() {
        Confinement confinement = new Confinement(null, null, Duration.ofSeconds(30), 1L << 30);
        CommandResult result = executor.run(script("ulimit -t; ulimit -v; ulimit -c; grep NoNewPrivs /proc/self/status")
                .confined(confinement));
        assertThat(result.stdout().lines()).containsExactly("30", "1048576", "0", "NoNewPrivs:\t1");
    }

    @Test
    void confinementUsesUpItsProcessorTime() {
        Confinement confinement = new Confinement(null, null, Duration.ofSeconds(1), null);
        CommandFailedException e =
                failure(() -> executor.run(script("while :; do :; done").confined(confinement)));
        assertThat(e.result().exitCode()).isIn(128 + 24, 137);
    }
}
