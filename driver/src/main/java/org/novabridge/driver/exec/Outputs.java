package org.novabridge.driver.exec;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Both outputs of a child, taken through pipes that are drained at once, or through files. */
final class Outputs {
    private static final Logger LOG = LoggerFactory.getLogger(Outputs.class);

    private final Command command;
    private final @Nullable Path outFile;
    private final @Nullable Path errFile;
    private final AtomicLong taken = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable OutputDrain out;
    private @Nullable OutputDrain err;

    private Outputs(Command command, @Nullable Path outFile, @Nullable Path errFile) {
        this.command = command;
        this.outFile = outFile;
        this.errFile = errFile;
    }

    static Outputs toPipes(Command command) {
        return new Outputs(command, null, null);
    }

    static Outputs toFiles(Path outFile, Path errFile, Command command) {
        return new Outputs(command, outFile, errFile);
    }

    void redirect(ProcessBuilder builder) {
        if (outFile != null && errFile != null) {
            builder.redirectOutput(outFile.toFile());
            builder.redirectError(errFile.toFile());
        }
    }

    void attach(Process process, @Nullable StdinSource stdin) {
        if (outFile == null) {
            out = new OutputDrain(
                    process.getInputStream(), command.outputCap(), command.lineListener(), command.output());
            err = new OutputDrain(process.getErrorStream(), command.outputCap(), null, null);
            run("stdout", process.pid(), out);
            run("stderr", process.pid(), err);
        }
        if (stdin != null) {
            Thread writer = new Thread(() -> feed(process, stdin), "stdin-" + process.pid());
            writer.setDaemon(true);
            writer.start();
        }
    }

    private void feed(Process process, StdinSource stdin) {
        try (OutputStream to = new Taken(process.getOutputStream())) {
            stdin.writeTo(to);
        } catch (IOException e) {
            // The program ended without reading all of it, which is its right: its exit code tells.
            LOG.debug("stdin of {} was not read to its end: {}", process.pid(), e.getMessage());
        }
    }

    private void run(String name, long pid, OutputDrain drain) {
        Thread thread = new Thread(drain, name + "-" + pid);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    /** Waits for the ends of the pipes; a grandchild may hold them open, so not for ever. */
    void awaitEnd(Duration patience) {
        long until = System.nanoTime() + patience.toNanos();
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                long left = (until - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    break;
                }
                try {
                    thread.join(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Bytes that the program was given and has taken, but for those that lie in the pipe. */
    long taken() {
        return taken.get();
    }

    /** Counts what the program takes: a write returns when there is room in the pipe. */
    private final class Taken extends FilterOutputStream {
        Taken(OutputStream to) {
            super(to);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            taken.addAndGet(length);
        }

        @Override
        public void write(int one) throws IOException {
            out.write(one);
            taken.incrementAndGet();
        }
    }

    /** Bytes seen on both pipes. */
    long seen() {
        return (out == null ? 0 : out.seen()) + (err == null ? 0 : err.seen());
    }

    CommandResult result(int exitCode, Duration duration) {
        String stdout = out == null ? read(outFile) : out.text();
        String stderr = err == null ? read(errFile) : err.text();
        boolean truncated = out != null && err != null
                ? out.truncated() || err.truncated()
                : size(outFile) > command.outputCap() || size(errFile) > command.outputCap();
        return new CommandResult(
                command.argv(), exitCode, command.mask(stdout), command.mask(stderr), truncated, duration);
    }

    void deleteFiles() throws IOException {
        if (outFile != null && errFile != null) {
            Files.deleteIfExists(outFile);
            Files.deleteIfExists(errFile);
        }
    }

    private String read(@Nullable Path file) {
        if (file == null) {
            return "";
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(command.outputCap()), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static long size(@Nullable Path file) {
        try {
            return file == null ? 0 : Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
