package org.novabridge.driver.storage;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Tool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A qemu-nbd that runs on a thread of its own. It reads what a guest wrote, so it may never answer: one that gives no answer
 * within its time is ended, and who waits for it waits no more.
 */
final class NbdServer {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServer.class);
    private static final long LOOK_NANOS = Duration.ofMillis(5).toNanos();

    private final Duration patience;
    private final Duration stall;
    private final FutureTask<CommandResult> run;
    private volatile boolean unwanted;
    private volatile @Nullable NbdConnection connection;
    private volatile @Nullable Wait wait;

    /** Somebody waits for an answer. */
    private record Wait(long since, Duration most) {
        boolean over() {
            return System.nanoTime() - since > most.toNanos();
        }
    }

    /** What is asked of it. */
    @FunctionalInterface
    interface Request {
        int done() throws IOException;
    }

    NbdServer(CommandExecutor executor, Command command, QemuImgSettings settings) {
        this.patience = settings.timeout();
        this.stall = settings.stall();
        CommandExecutor mine = executor.ofThisThread();
        this.run = new FutureTask<>(() -> mine.run(command.withCancellation(this::unwanted)));
        Thread thread = new Thread(run, Tool.QEMU_NBD.program());
        thread.setDaemon(true);
        thread.start();
    }

    /** Asked several times a second while it runs, which makes it the watchdog of what is asked of it. */
    private boolean unwanted() {
        Wait now = wait;
        if (now != null && now.over()) {
            abandon();
        }
        return unwanted;
    }

    /** Ends it. A program that the kernel holds does not end, so who waits for its answer is not left to that. */
    void abandon() {
        unwanted = true;
        NbdConnection open = connection;
        if (open != null) {
            open.abandon();
        }
    }

    /** Waits until it listens and has said what it has; ends it when we do not get to that. */
    NbdConnection connected(Path socket) throws IOException {
        Wait all = new Wait(System.nanoTime(), patience);
        while (true) {
            boolean over = run.isDone();
            try {
                return negotiated(NbdConnection.to(socket), all);
            } catch (IOException e) {
                if (over || unwanted || e instanceof ClosedByInterruptException || all.over()) {
                    abandon();
                    throw explained(e);
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
        }
    }

    private NbdConnection negotiated(NbdConnection open, Wait all) throws IOException {
        boolean done = false;
        connection = open;
        wait = all;
        try {
            open.negotiate();
            done = true;
            return open;
        } finally {
            wait = null;
            if (!done) {
                open.abandon();
            }
        }
    }

    /** @throws IOException with what the program has said, when it has failed */
    int answer(Request request) throws IOException {
        Wait mine = new Wait(System.nanoTime(), stall);
        wait = mine;
        try {
            return request.done();
        } catch (EOFException e) {
            throw unwanted ? given(e, mine) : explained(e);
        } catch (IOException e) {
            throw unwanted ? given(e, mine) : e;
        } finally {
            wait = null;
        }
    }

    private static IOException given(IOException seen, Wait mine) {
        return new IOException(
                mine.over()
                        ? "qemu-nbd has not answered for " + mine.most().toSeconds() + " seconds, and was ended"
                        : "the disk is not wanted any more",
                seen);
    }

    /** Waits for its end, which comes by itself when nobody is connected. */
    void awaitEnd() throws IOException {
        try {
            ended();
        } catch (TimeoutException e) {
            throw forced(new IOException("qemu-nbd does not end after its last connection", e));
        }
    }

    /** With what the program has said, when it has failed; it has ended, or is made to. */
    IOException explained(IOException seen) {
        try {
            ended();
            return seen;
        } catch (TimeoutException e) {
            return forced(seen);
        } catch (IOException e) {
            e.addSuppressed(seen);
            return e;
        }
    }

    private IOException forced(IOException seen) {
        unwanted = true;
        try {
            ended();
        } catch (TimeoutException e) {
            LOG.warn("qemu-nbd still runs after: {}", seen.getMessage());
        } catch (IOException e) {
            seen.addSuppressed(e);
        }
        return seen;
    }

    private void ended() throws IOException, TimeoutException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    run.get(patience.toNanos(), TimeUnit.NANOSECONDS);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                    unwanted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandFailedException said) {
                throw new IOException(said.getMessage(), said);
            }
            throw new IOException(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
