package org.novabridge.driver.compute;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
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
    private @Nullable DiskReceiver receiver;
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

    /** The disks are there: from now on frames are taken. */
    synchronized void open(DiskReceiver disks) {
        receiver = disks;
        heard = System.nanoTime();
        notifyAll();
    }

    /**
     * Takes the next frames, whole ones, in the order of the stream.
     *
     * @throws BridgeException INSTANCE_INVALID_STATE when none are expected; INVALID_REQUEST for frames that cannot be
     *     the next; STORAGE_FAILED. After any of these the session has ended
     */
    synchronized void feed(byte[] frames) {
        DiskReceiver disks = receiver;
        if (closed || disks == null || failure != null || disks.complete()) {
            throw new BridgeException(ErrorCode.INSTANCE_INVALID_STATE, "no disks are expected of this migration now");
        }
        heard = System.nanoTime();
        try {
            FrameReader reader = new FrameReader(new ByteArrayInputStream(frames));
            for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
                disks.accept(frame);
                if (frame.kind() == Frame.Kind.DATA) {
                    received = frame.offset();
                }
            }
        } catch (WireException e) {
            throw failed(new BridgeException(ErrorCode.INVALID_REQUEST, String.valueOf(e.getMessage()), null, e));
        } catch (IOException e) {
            throw failed(new BridgeException(
                    ErrorCode.STORAGE_FAILED, "the disk cannot be written to: " + e.getMessage(), null, e));
        }
        // Not the sender was slow when the storage was.
        heard = System.nanoTime();
        notifyAll();
    }

    private RuntimeException failed(BridgeException why) {
        failure = why;
        notifyAll();
        return why;
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
        while (!Objects.requireNonNull(receiver).complete()) {
            if (failure != null) {
                throw failure;
            }
            if (steps.cancelled()) {
                throw new BridgeException(ErrorCode.CANCELLED, "the operation was cancelled by its caller");
            }
            if (System.nanoTime() - heard > idle.toNanos()) {
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

    /** Nothing is taken any more. */
    synchronized void close() {
        closed = true;
    }
}
