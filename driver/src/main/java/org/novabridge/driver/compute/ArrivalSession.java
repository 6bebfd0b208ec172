package org.novabridge.driver.compute;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.LaterWork;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.transfer.DiskReceiver;
import org.novabridge.driver.transfer.Frame;
import org.novabridge.driver.transfer.FrameReader;
import org.novabridge.driver.transfer.WireException;

/**
 * Where the operation that made room for an instance and the requests that bring its disks meet. Frames are written by
 * the thread that brings them; whatever ends the session, none is written after it.
 */
final class ArrivalSession {
    private static final long LOOK_MILLIS = 200;

    private final String tokenHash;
    private final long total;
    private static final Runnable NOTHING = () -> {};

    /** Held while frames are written, which may take long: never waited for by who holds the session itself. */
    private final Object writing = new Object();

    private @Nullable DiskReceiver receiver;
    private Runnable giveUp = NOTHING;
    private boolean busy;
    private boolean whole;
    private @Nullable RuntimeException failure;
    private boolean closed;
    private long received;
    private long heard;

    /** @param total bytes of all disks, for the progress */
    ArrivalSession(String tokenHash, long total) {
        this.tokenHash = tokenHash;
        this.total = total;
    }

    boolean admits(String token) {
        return MigrationToken.matches(token, tokenHash);
    }

    /**
     * The disks are there: from now on frames are taken.
     *
     * @param abandon makes who writes to them leave them
     */
    synchronized void open(DiskReceiver disks, Runnable abandon) {
        receiver = disks;
        giveUp = abandon;
        heard = System.nanoTime();
        notifyAll();
    }

    /**
     * Takes the next frames, whole ones, in the order of the stream.
     *
     * @throws BridgeException INSTANCE_INVALID_STATE when none are expected; INVALID_REQUEST for frames that cannot be
     *     the next; STORAGE_FAILED. After any of these the session has ended
     */
    void feed(byte[] frames) {
        synchronized (writing) {
            DiskReceiver disks = begun();
            long at = -1;
            BridgeException why = null;
            try {
                at = write(disks, frames);
            } catch (WireException e) {
                why = new BridgeException(ErrorCode.INVALID_REQUEST, String.valueOf(e.getMessage()), null, e);
            } catch (IOException e) {
                why = new BridgeException(
                        ErrorCode.STORAGE_FAILED, "the disk cannot be written to: " + e.getMessage(), null, e);
            } finally {
                written(at, disks.complete(), why);
            }
        }
    }

    private synchronized DiskReceiver begun() {
        DiskReceiver disks = receiver;
        if (closed || disks == null || failure != null || whole) {
            throw new BridgeException(ErrorCode.INSTANCE_INVALID_STATE, "no disks are expected of this migration now");
        }
        busy = true;
        return disks;
    }

    /** @return the place of the last data; -1 for none */
    private static long write(DiskReceiver disks, byte[] frames) throws IOException {
        long at = -1;
        FrameReader reader = new FrameReader(new ByteArrayInputStream(frames));
        for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
            disks.accept(frame);
            if (frame.kind() == Frame.Kind.DATA) {
                at = frame.offset();
            }
        }
        return at;
    }

    private synchronized void written(long at, boolean all, @Nullable BridgeException why) {
        busy = false;
        // Not the sender was slow when the storage was.
        heard = System.nanoTime();
        whole = all;
        received = at < 0 ? received : at;
        notifyAll();
        if (why != null) {
            throw failed(why);
        }
    }

    /** @return what it has ended with: the first failure, which may be the cause of this one */
    private RuntimeException failed(BridgeException why) {
        RuntimeException first = failure == null ? why : failure;
        failure = first;
        notifyAll();
        return first;
    }

    /** Of the work that makes room: its progress, and that it ends when the sender does not want it any more. */
    Progress watched(Steps steps) {
        return new Progress() {
            @Override
            public void report(String phase, double percent) {
                steps.report(phase, percent);
            }

            @Override
            public boolean cancelled() {
                return steps.cancelled() || failed();
            }

            @Override
            public boolean leave(LaterWork work) {
                return steps.leave(work);
            }
        };
    }

    private synchronized boolean failed() {
        return failure != null;
    }

    /** The sender does not want it any more. */
    synchronized void abandon() {
        failed(new BridgeException(ErrorCode.CANCELLED, "the other host has taken the instance back"));
    }

    /**
     * Waits until all disks are here.
     *
     * @param idle how long nothing may come
     * @throws BridgeException what the session has ended with
     */
    synchronized void await(Duration idle, Steps steps) {
        while (!whole) {
            if (failure != null) {
                throw failure;
            }
            if (steps.cancelled()) {
                throw new BridgeException(ErrorCode.CANCELLED, "the operation was cancelled by its caller");
            }
            if (!busy && System.nanoTime() - heard > idle.toNanos()) {
                throw new BridgeException(
                        ErrorCode.INTERRUPTED,
                        "nothing came from the other host for " + idle.toSeconds() + " seconds",
                        "see on the other host what became of the migration");
            }
            try {
                wait(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BridgeException(ErrorCode.INTERRUPTED, "the bridge is being stopped", null, e);
            }
            steps.report("receive the disks", Math.min(99.0, 100.0 * received / Math.max(1, total)));
        }
    }

    /** Nothing is taken any more, and nobody writes: what comes meanwhile has no use, so it is not waited for in full. */
    void close() {
        ended().run();
        synchronized (writing) {
            // Who wrote has left.
            giveUp = NOTHING;
        }
    }

    private synchronized Runnable ended() {
        closed = true;
        return whole ? NOTHING : giveUp;
    }
}
