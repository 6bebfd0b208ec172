package org.novabridge.driver.exec;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.CommandFailedException.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs commands as processes of this host, with an environment that is the same on every host.
 *
 * <p>Children that may die with the bridge are given a parent death signal. The kernel sends it when
 * the <em>thread</em> that forked ends, so all processes of a JVM are started by one daemon thread
 * that never ends. {@link LaunchLine} tells how a child is held until the observer knows of it.
 */
public final class ProcessExecutor implements CommandExecutor {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessExecutor.class);

    private static final Map<String, String> ENVIRONMENT = Map.of(
            "LC_ALL",
            "C.UTF-8",
            "PATH",
            "/usr/sbin:/usr/bin:/sbin:/bin",
            "LVM_SUPPRESS_FD_WARNINGS",
            "1",
            HostProcess.MARK,
            "1");

    private static final ExecutorService STARTER = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "process-starter");
        thread.setDaemon(true);
        return thread;
    });

    private final ChildObserver observer;
    private final RunFolder folder;
    private final AtomicLong serial = new AtomicLong();

    /** Without an observer, with a run folder of its own below the system's temporary folder. */
    public ProcessExecutor() {
        this(ChildObserver.NONE, null);
    }

    /**
     * @param runFolder where gates and outputs of unstoppable commands lie; made 0700 when missing. Must
     *     be on this host and used by one bridge only; null for a temporary one
     */
    public ProcessExecutor(ChildObserver observer, @Nullable Path runFolder) {
        this.observer = observer;
        this.folder = new RunFolder(runFolder);
    }

    @Override
    public CommandResult run(Command command) {
        return run(command, observer);
    }

    @Override
    public CommandExecutor ofThisThread() {
        ChildObserver mine = observer.ofThisThread();
        return command -> run(command, mine);
    }

    private CommandResult run(Command command, ChildObserver told) {
        Path program = Tool.find(command.program()).orElse(null);
        Path setpriv = Tool.SETPRIV.find().orElse(null);
        Path prlimit = Tool.PRLIMIT.find().orElse(null);
        Path setsid = Tool.SETSID.find().orElse(null);
        if (program == null) {
            throw notStarted(command, "the program " + command.program() + " is not installed");
        }
        if (setpriv == null || prlimit == null || setsid == null) {
            throw notStarted(command, "setpriv, prlimit and setsid (package util-linux) are not installed");
        }
        String name = Long.toString(serial.incrementAndGet());
        boolean gated = told != ChildObserver.NONE && command.effect() != Effect.READS;
        Path fifo = null;
        try {
            LaunchLine.Gate gate = null;
            if (gated) {
                fifo = makeFifo(command, name);
                Path flock = Tool.FLOCK.find().orElse(null);
                if (flock == null) {
                    throw notStarted(command, "flock (package util-linux) is not installed");
                }
                gate = new LaunchLine.Gate(fifo, flock);
            }
            List<String> line =
                    LaunchLine.compose(command, program, new LaunchLine.Programs(setpriv, prlimit, setsid), gate);
            return launch(command, name, line, fifo, told);
        } catch (IOException e) {
            throw notStarted(command, "it could not be started: " + command.mask(String.valueOf(e.getMessage())));
        } finally {
            if (fifo != null) {
                RunFolder.delete(fifo);
            }
        }
    }

    private Path makeFifo(Command command, String name) throws IOException {
        Path fifo = folder.path("gate-" + name);
        Files.deleteIfExists(fifo);
        try {
            FifoCall.LIBC.mkfifo(fifo.toString(), 0600);
        } catch (LastErrorException e) {
            throw notStarted(command, "its gate " + fifo + " could not be made: " + e.getMessage());
        }
        return fifo;
    }

    private CommandResult launch(
            Command command, String name, List<String> line, @Nullable Path fifo, ChildObserver told)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(line).directory(command.folder().toFile());
        Outputs outputs = command.effect() == Effect.MUST_FINISH
                ? Outputs.toFiles(folder.path("out-" + name), folder.path("err-" + name), command)
                : Outputs.toPipes(command);
        outputs.redirect(builder);
        Path stdinFile = command.stdinFile();
        StdinSource input = input(command);
        if (input == null) {
            builder.redirectInput((stdinFile == null ? Path.of("/dev/null") : stdinFile).toFile());
        }
        LOG.debug("run: {}", command);
        long begin = System.nanoTime();
        Process process = start(builder);
        RunningChild child = new RunningChild(process, command, outputs, told, begin);
        try {
            outputs.attach(process, input);
            if (fifo == null) {
                return finish(command, child.await(null), child);
            }
            child.announce();
            try (FileChannel opened = openGate(fifo)) {
                return finish(command, child.await(opened), child);
            }
        } catch (RuntimeException | IOException e) {
            if (command.effect() != Effect.MUST_FINISH || !child.passedGate()) {
                child.kill();
            }
            throw e;
        } finally {
            child.close();
        }
    }

    /** What is written to the program through a pipe; null when it reads a file, or nothing. */
    private static @Nullable StdinSource input(Command command) {
        byte[] bytes = command.stdinBytes();
        return bytes == null ? command.stdinSource() : written(bytes);
    }

    private static StdinSource written(byte[] bytes) {
        return to -> to.write(bytes);
    }

    /** Opened for both directions, since that never blocks: a child that died leaves no reader behind. */
    private static FileChannel openGate(Path fifo) throws IOException {
        return FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static CommandResult finish(Command command, @Nullable Reason ended, RunningChild child) {
        CommandResult result = child.result();
        LOG.debug(
                "exit {} after {} ms: {}", result.exitCode(), result.duration().toMillis(), command);
        if (ended != null) {
            throw new CommandFailedException(RunningChild.sentence(command, ended, result), result, ended);
        }
        if (!command.successCodes().contains(result.exitCode())) {
            throw new CommandFailedException(RunningChild.sentence(command, Reason.EXIT, result), result, Reason.EXIT);
        }
        return result;
    }

    private static Process start(ProcessBuilder builder) throws IOException {
        builder.environment().clear();
        builder.environment().putAll(ENVIRONMENT);
        if (builder.directory() == null) {
            builder.directory(Path.of("/").toFile());
        }
        Future<Process> future = STARTER.submit(builder::start);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    // Not given up: a process that starts now would have nobody to wait for it.
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IOException(
                            Optional.ofNullable(e.getCause())
                                    .map(Throwable::getMessage)
                                    .orElse("unknown"),
                            e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static CommandFailedException notStarted(Command command, String why) {
        CommandResult nothing = new CommandResult(command.argv(), -1, "", "", false, Duration.ZERO);
        return new CommandFailedException(command.program() + " did not run: " + why, nothing, Reason.NOT_STARTED);
    }

    /** The private folder of gates and outputs, made at first use. */
    private static final class RunFolder {
        private @Nullable Path path;
        private boolean ready;

        RunFolder(@Nullable Path path) {
            this.path = path;
        }

        synchronized Path path(String name) throws IOException {
            Path current = path;
            if (current == null) {
                current = Files.createTempDirectory("nova-bridge-run-");
                path = current;
                ready = true;
            }
            if (!ready) {
                Files.createDirectories(
                        current, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                // What a bridge before us left: outputs nobody reads any more and gates nobody opens.
                try (var entries = Files.newDirectoryStream(current, "{gate,out,err}-*")) {
                    entries.forEach(RunFolder::delete);
                }
                ready = true;
            }
            return current.resolve(name);
        }

        static void delete(Path file) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.debug("{} stays behind: {}", file, e.getMessage());
            }
        }
    }
}
