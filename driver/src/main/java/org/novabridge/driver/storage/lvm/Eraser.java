package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

/**
 * Overwrites parts of a block device so that nobody reads what was there.
 *
 * <p>Zeroes go through the kernel's own zeroing ({@code blkdiscard --zeroout}): the device does it by
 * itself where it can, else the kernel writes zero pages, in both cases past the page cache. A plain
 * discard proves nothing about what is read afterwards and is not used. The work is cut into slices,
 * which gives progress, a rate, turns ({@link ErasePace}), and a quick end when cancelled; a slice in the kernel cannot be
 * interrupted. blkdiscard opens the device exclusively, so a mounted or stacked device is refused.
 *
 * <p>What is done is flushed to the disk at the end, and before anybody is told how far it is done: a power cut must
 * not bring back what somebody relies on having been erased.
 */
final class Eraser {
    /** Nobody notes how far the work has come. */
    static final LongConsumer UNNOTED = safeTo -> {};

    static final Pause SLEEP = nanos -> Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));

    private static final long SLICE = 256L << 20;

    /** A note costs a flush and an LVM command; what is done between two of them is done again after a crash. */
    private static final long NOTE_NANOS = Duration.ofSeconds(30).toNanos();

    /** As many as Nova asks shred for; so few are random in all of them (shred(1)). */
    private static final int SHRED_PASSES = 3;

    /** A slice that takes longer than this is on a device that does not answer any more. */
    private static final Duration SLICE_DEADLINE = Duration.ofMinutes(10);

    private final CommandExecutor executor;
    private final ErasePace pace;
    private final long rate;
    private final LongSupplier nanoTime;
    private final Pause pause;

    /** How a part of a device is overwritten. */
    private interface Overwrite {
        Command part(Path device, long at, long length);
    }

    /** Waits; replaced in tests. */
    interface Pause {
        void nanos(long nanos) throws InterruptedException;
    }

    Eraser(CommandExecutor executor, LvmSettings settings) {
        this(executor, ErasePace.of(settings.group()), settings.clearRate(), System::nanoTime, SLEEP);
    }

    /**
     * @param rate bytes per second of all that erase at this pace, 0 for no limit
     */
    Eraser(CommandExecutor executor, ErasePace pace, long rate, LongSupplier nanoTime, Pause pause) {
        this.executor = executor;
        this.pace = pace;
        this.rate = rate;
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    /**
     * Makes every byte of [from, to) read as zero, for somebody who waits for it: without a turn.
     *
     * @param safeTo told now and then up to where it is done for good
     * @throws BridgeException CANCELLED between two slices; STORAGE_FAILED
     */
    void zero(Path device, long from, long to, String phase, Progress progress, LongConsumer safeTo) {
        for (Slices slices = new Slices(Eraser::zeroes, device, from, to, phase, progress, safeTo); slices.more(); ) {
            slices.next();
        }
    }

    /** As {@link #zero}, of what nobody waits for: each slice in its turn. */
    void wipe(Path device, long from, long to, String phase, Progress progress, LongConsumer safeTo) {
        inTurns(new Slices(Eraser::zeroes, device, from, to, phase, progress, safeTo));
    }

    private void inTurns(Slices slices) {
        while (slices.more()) {
            try (ErasePace.Turn turn = turn(slices.phase, slices.device, slices.progress)) {
                slices.next();
            }
        }
    }

    private static Command zeroes(Path device, long at, long length) {
        return Command.of(
                Tool.BLKDISCARD,
                "--zeroout",
                "--offset",
                Long.toString(at),
                "--length",
                Long.toString(length),
                device.toString());
    }

    private static Command randomBytes(Path device, long at, long length) {
        return Command.of(
                Tool.DD,
                "if=/dev/urandom",
                "of=" + device,
                "bs=1M",
                "seek=" + at,
                "count=" + length,
                "iflag=fullblock,count_bytes",
                "oflag=direct,seek_bytes",
                "conv=notrunc",
                "status=none");
    }

    private ErasePace.Turn turn(String phase, Path device, Progress progress) {
        try {
            ErasePace.Turn turn = pace.turn(progress::cancelled);
            if (turn == null) {
                throw cancelled(phase, device);
            }
            return turn;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static BridgeException cancelled(String phase, Path device) {
        return new BridgeException(ErrorCode.CANCELLED, phase + " on " + device + ": cancelled");
    }

    private static BridgeException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new BridgeException(ErrorCode.INTERRUPTED, "interrupted while erasing", null, e);
    }

    /** The way through a part of a device. */
    private final class Slices {
        private final Overwrite overwrite;
        private final Path device;
        private final long from;
        private final long to;
        private final String phase;
        private final Progress progress;
        private final LongConsumer safeTo;
        private long at;
        private long noted = nanoTime.getAsLong();

        private Slices(
                Overwrite overwrite,
                Path device,
                long from,
                long to,
                String phase,
                Progress progress,
                LongConsumer safeTo) {
            this.overwrite = overwrite;
            this.device = device;
            this.from = from;
            this.to = to;
            this.phase = phase;
            this.progress = progress;
            this.safeTo = safeTo;
            this.at = from;
        }

        private boolean more() {
            return at < to;
        }

        private void next() {
            if (progress.cancelled()) {
                throw cancelled(phase, device);
            }
            // At a rate, a slice is what one second allows, so that the load is even.
            long slice = rate > 0 ? Math.max(1 << 20, Math.min(SLICE, rate)) : SLICE;
            long length = Math.min(slice, to - at);
            hold(length);
            run(overwrite.part(device, at, length).withDeadline(SLICE_DEADLINE), phase + " on " + device);
            at += length;
            progress.report(phase, 100.0 * (at - from) / (to - from));
            settle();
        }

        private void settle() {
            boolean due = nanoTime.getAsLong() - noted >= NOTE_NANOS;
            if (!more() || due) {
                run(
                        Command.of(Tool.SYNC, "--data", device.toString()).withDeadline(SLICE_DEADLINE),
                        phase + " on " + device);
            }
            if (more() && due) {
                safeTo.accept(at);
                noted = nanoTime.getAsLong();
            }
        }
    }

    private void hold(long bytes) {
        long due = pace.book(bytes, rate, nanoTime.getAsLong());
        if (due > 0) {
            try {
                pause.nanos(due);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    /**
     * Three passes of random bytes over the first bytes, as Nova's {@code volume_clear = shred}. It begins anew when it is
     * interrupted. Without a rate it is one program in one turn, which makes its bytes quicker than the kernel; shred(1)
     * knows no rate, so with one the passes are the kernel's bytes in slices.
     */
    void shred(Path device, long bytes, Progress progress) {
        if (rate > 0) {
            for (int pass = 1; pass <= SHRED_PASSES; pass++) {
                String phase = "shred the volume, pass " + pass + " of " + SHRED_PASSES;
                inTurns(new Slices(Eraser::randomBytes, device, 0, bytes, phase, progress, UNNOTED));
            }
            return;
        }
        progress.report("shred the volume", -1);
        try (ErasePace.Turn turn = turn("shred the volume", device, progress)) {
            run(
                    Command.of(Tool.SHRED, "-n" + SHRED_PASSES, "-s" + bytes, device.toString())
                            .withDeadline(null)
                            .withIdleDeadline(SLICE_DEADLINE)
                            .withCancellation(progress::cancelled),
                    "shredding " + device);
        }
    }

    private void run(Command command, String doing) {
        try {
            executor.run(command.withEffect(Effect.WRITES));
        } catch (CommandFailedException e) {
            throw switch (e.reason()) {
                case CANCELLED -> new BridgeException(ErrorCode.CANCELLED, doing + ": cancelled", null, e);
                case INTERRUPTED -> new BridgeException(ErrorCode.INTERRUPTED, doing + ": interrupted", null, e);
                default -> LvmFailures.of(e, doing);
            };
        }
    }
}
