package org.novabridge.driver.compute;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.GuestMigration.Going;
import org.novabridge.driver.compute.GuestMigration.Job;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskBytes;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.transfer.DiskSender;
import org.novabridge.driver.transfer.Frame;
import org.novabridge.driver.transfer.FrameWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disks of one migration on their way. When a disk of this host cannot be read, the other one only sees that the stream
 * ends early: the failure on our side is the one to tell.
 */
final class DiskSending implements RemoteBridge.Stream {
    private static final Logger LOG = LoggerFactory.getLogger(DiskSending.class);
    private static final int BUFFER = 1 << 20;

    private final Steps steps;
    private final Job job;
    private final List<Allocation> allocations;
    private final long all;
    private volatile @Nullable BridgeException failure;
    private volatile long sent;
    private long passed;
    private boolean writing;
    private boolean unwanted;
    private @Nullable DiskBytes reading;

    DiskSending(Steps steps, Job job, List<Allocation> allocations) {
        this.steps = steps;
        this.job = job;
        this.allocations = allocations;
        this.all = allocations.stream().mapToLong(Allocation::bytes).sum();
    }

    /** Bytes that the disks have allocated. */
    long all() {
        return all;
    }

    /** What went wrong on this host; null when nothing did. */
    @Nullable
    BridgeException failure() {
        return failure;
    }

    /** Bytes of disks that were sent. */
    long sent() {
        return sent;
    }

    @Override
    public void writeTo(OutputStream to) throws IOException {
        begin();
        try {
            sendTo(new Pipe(to));
        } finally {
            left();
        }
    }

    private synchronized void begin() throws IOException {
        if (unwanted) {
            throw new IOException("the disks are not to be sent any more");
        }
        writing = true;
    }

    private synchronized void left() {
        writing = false;
        notifyAll();
    }

    private synchronized void reading(@Nullable DiskBytes disk) throws IOException {
        reading = disk;
        if (disk != null && unwanted) {
            throw new IOException("the disks are not to be sent any more");
        }
    }

    private synchronized boolean wanted() {
        return !unwanted;
    }

    /**
     * Nothing is sent any more: who read the disks leaves them, after which a guest may be started on them. One that stands
     * in a disk which gives nothing is made to.
     *
     * @param leave how long it may take by itself
     * @param end how long it may take when the disk has been abandoned
     */
    synchronized void end(Duration leave, Duration end) {
        boolean interrupted = !waited(leave);
        unwanted = true;
        DiskBytes disk = reading;
        if (writing && disk != null) {
            disk.abandon();
        }
        interrupted |= !waited(end);
        if (writing) {
            LOG.warn("a disk of instance {} is still being read", job.made().uuid());
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return false when the thread was interrupted, which ends the wait */
    private synchronized boolean waited(Duration most) {
        long until = System.nanoTime() + most.toNanos();
        try {
            while (writing) {
                long left = (until - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return true;
                }
                wait(left);
            }
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private void sendTo(Pipe pipe) throws IOException {
        try {
            write(new FrameWriter(new BufferedOutputStream(pipe, BUFFER)));
        } catch (BridgeException e) {
            failure = e;
            throw new IOException(e);
        } catch (IOException e) {
            // One that was abandoned fails because of that.
            if (!pipe.broken && wanted()) {
                failure = new BridgeException(
                        ErrorCode.STORAGE_FAILED,
                        "a disk of instance " + job.made().uuid() + " cannot be read: " + e.getMessage(),
                        "see the kernel's log of this host",
                        e);
            }
            throw e;
        }
    }

    private void write(FrameWriter frames) throws IOException {
        frames.write(new Frame(Frame.Kind.OPEN, 0, 0, job.claim().json()));
        DiskSender sender = new DiskSender(frames, this::passed);
        for (int i = 0; i < job.disks().size(); i++) {
            Going disk = job.disks().get(i);
            try (DiskBytes bytes = disk.streams().open(job.made().uuid(), disk.name())) {
                reading(bytes);
                sender.disk(bytes, allocations.get(i));
            } finally {
                reading(null);
            }
        }
        // Before the end: the answer to that may be here sooner.
        sent = sender.sent();
        sender.end();
    }

    private void passed(int disk, long bytes) {
        passed += bytes;
        steps.report("send " + job.disks().get(disk).name(), Math.min(99.0, 100.0 * passed / Math.max(1, all)));
    }

    /** Tells a program that reads no more from a disk that gives no more. */
    private static final class Pipe extends FilterOutputStream {
        private boolean broken;

        Pipe(OutputStream to) {
            super(to);
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                broken = true;
                throw e;
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                broken = true;
                throw e;
            }
        }
    }
}
