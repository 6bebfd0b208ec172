package org.novabridge.driver.exec;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.ChildObserver.Child;
import org.novabridge.driver.exec.CommandFailedException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One started process: announced, awaited within its deadlines, ended with its whole tree when it must be. */
final class RunningChild {
    private static final Logger LOG = LoggerFactory.getLogger(RunningChild.class);
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final long POLL_MILLIS = 200;

    private final Process process;
    private final Command command;
    private final Outputs outputs;
    private final ChildObserver observer;
    private final long begin;
    private @Nullable Child announced;
    private boolean passedGate;

    RunningChild(Process process, Command command, Outputs outputs, ChildObserver observer, long begin) {
        this.process = process;
        this.command = command;
        this.outputs = outputs;
        this.observer = observer;
        this.begin = begin;
    }

    /** Tells the observer of the child, which waits at its gate meanwhile. */
    void announce() throws IOException {
        Child child = new Child(HostProcess.of(process.pid()), command.argv(), command.effect());
        observer.started(child);
        announced = child;
    }

    boolean passedGate() {
        return passedGate;
    }

    /**
     * Waits for the end.
     *
     * @param gate the opened gate, which stays open while the child runs: it may reach it late
     * @return why the child was ended by us, null when it came to its own end
     */
    @Nullable
    Reason await(@Nullable FileChannel gate) {
        passedGate = gate == null || gate.isOpen();
        boolean mustFinish = command.effect() == Effect.MUST_FINISH;
        long lastSign = System.nanoTime();
        long activity = -1;
        long alarms = 0;
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                        return null;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                    if (!mustFinish) {
                        kill();
                        return Reason.INTERRUPTED;
                    }
                    continue;
                }
                long now = System.nanoTime();
                if (command.idleDeadline() != null) {
                    long seen = outputs.seen() + progress();
                    if (seen != activity) {
                        activity = seen;
                        lastSign = now;
                    }
                }
                if (mustFinish) {
                    alarms = alarm(now, alarms);
                    continue;
                }
                Reason reason = reasonToEnd(now, lastSign);
                if (reason != null) {
                    kill();
                    return reason;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Of a program that we feed only what it takes counts: one that keeps a connection alive reads and writes for ever. */
    private long progress() {
        return command.stdinSource() == null ? ioOf(process.pid()) : outputs.taken();
    }

    private @Nullable Reason reasonToEnd(long now, long lastSign) {
        if (command.cancelled().getAsBoolean()) {
            return Reason.CANCELLED;
        }
        Duration deadline = command.deadline();
        if (deadline != null && now - begin > deadline.toNanos()) {
            return Reason.DEADLINE;
        }
        Duration idle = command.idleDeadline();
        if (idle != null && now - lastSign > idle.toNanos()) {
            return Reason.IDLE;
        }
        return null;
    }

    private long alarm(long now, long alarms) {
        Duration deadline = command.deadline();
        if (deadline == null || now - begin <= deadline.toNanos() * (alarms + 1)) {
            return alarms;
        }
        Duration elapsed = Duration.ofNanos(now - begin);
        LOG.error(
                "process {} has not ended after {} s and must not be killed; still waiting: {}",
                process.pid(),
                elapsed.toSeconds(),
                command);
        Child child = announced;
        if (child != null) {
            tell(child, elapsed);
        }
        return alarms + 1;
    }

    /** The wait must go on whatever the observer does with the alarm. */
    private void tell(Child child, Duration elapsed) {
        try {
            observer.overdue(child, elapsed);
        } catch (RuntimeException e) {
            LOG.warn("the alarm about process {} was not taken", child.pid(), e);
        }
    }

    /** TERM to the whole tree, KILL to what is left of it after the grace. */
    void kill() {
        List<ProcessHandle> tree = tree();
        tree.forEach(ProcessHandle::destroy);
        long until = System.nanoTime() + GRACE.toNanos();
        boolean interrupted = Thread.interrupted();
        while (System.nanoTime() < until && tree.stream().anyMatch(ProcessHandle::isAlive)) {
            interrupted |= pause(50);
        }
        tree().forEach(ProcessHandle::destroyForcibly);
        tree.forEach(ProcessHandle::destroyForcibly);
        until = System.nanoTime() + GRACE.toNanos();
        while (process.isAlive() && System.nanoTime() < until) {
            interrupted |= pause(20);
        }
        if (process.isAlive()) {
            LOG.error("process {} does not die: {}", process.pid(), command);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private List<ProcessHandle> tree() {
        ProcessHandle root = process.toHandle();
        return java.util.stream.Stream.concat(root.descendants(), java.util.stream.Stream.of(root))
                .toList();
    }

    private static boolean pause(long millis) {
        try {
            Thread.sleep(millis);
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    CommandResult result() {
        outputs.awaitEnd(GRACE);
        int exit = process.isAlive() ? -1 : process.exitValue();
        return outputs.result(exit, Duration.ofNanos(System.nanoTime() - begin));
    }

    /** Tells the observer of the end, if it has come, and removes what only we needed. */
    void close() throws IOException {
        Child child = announced;
        if (child != null && !process.isAlive()) {
            observer.ended(child);
        }
        outputs.deleteFiles();
    }

    static String sentence(Command command, Reason reason, CommandResult result) {
        String how = switch (reason) {
            case DEADLINE -> "was ended at its deadline of " + seconds(command.deadline());
            case IDLE -> "was ended after no sign of progress for " + seconds(command.idleDeadline());
            case CANCELLED -> "was cancelled";
            case INTERRUPTED -> "was interrupted";
            case NOT_STARTED -> "could not be started";
            case EXIT -> "failed with exit " + result.exitCode();
        };
        String said = lastLine(result.stderr().isBlank() ? result.stdout() : result.stderr());
        return command.program() + " " + how + (said.isEmpty() ? "" : ": " + said) + " [" + command + "]";
    }

    private static String seconds(@Nullable Duration duration) {
        return Objects.requireNonNull(duration).toSeconds() + " s";
    }

    private static String lastLine(String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1).strip();
        return last.length() > 400 ? last.substring(0, 400) + "…" : last;
    }

    /** Bytes the process has read and written so far; a sign of life of one that prints nothing. */
    private static long ioOf(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "io")).stream()
                    .filter(line -> line.startsWith("rchar:")
                            || line.startsWith("wchar:")
                            || line.startsWith("read_bytes:")
                            || line.startsWith("write_bytes:"))
                    .mapToLong(line ->
                            Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                    .sum();
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
