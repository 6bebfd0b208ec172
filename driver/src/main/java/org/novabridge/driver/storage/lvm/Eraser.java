package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.time.Duration;
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
 * which gives progress, a rate, and a quick end when cancelled; a slice in the kernel cannot be
 * interrupted. blkdiscard opens the device exclusively, so a mounted or stacked device is refused.
 */
final class Eraser {
    private static final long SLICE = 256L << 20;

    /** A slice that takes longer than this is on a device that does not answer any more. */
    private static final Duration SLICE_DEADLINE = Duration.ofMinutes(10);

    static final Pause SLEEP = nanos -> Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));

    private final CommandExecutor executor;
    private final long rate;
    private final LongSupplier nanoTime;
    private final Pause pause;

    /** Waits; replaced in tests. */
    interface Pause {
        void nanos(long nanos) throws InterruptedException;
    }

    /**
     * @param rate bytes per second, 0 for no limit
     */
    Eraser(CommandExecutor executor, long rate) {
        this(executor, rate, System::nanoTime, SLEEP);
    }

    Eraser(CommandExecutor executor, long rate, LongSupplier nanoTime, Pause pause) {
        this.executor = executor;
        this.rate = rate;
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    /**
     * Makes every byte of [from, to) read as zero.
     *
     * @throws BridgeException CANCELLED between two slices; STORAGE_FAILED
     */
    void zero(Path device, long from, long to, String phase, Progress progress) {
        // At a rate, a slice is what one second allows, so that the load is even.
        long slice = rate > 0 ? Math.max(1 << 20, Math.min(SLICE, rate)) : SLICE;
        for (long at = from; at < to; at += slice) {
            if (progress.cancelled()) {
                throw new BridgeException(ErrorCode.CANCELLED, phase + " on " + device + ": cancelled");
            }
            long length = Math.min(slice, to - at);
            long begun = nanoTime.getAsLong();
            run(
                    Command.of(
                                    Tool.BLKDISCARD,
                                    "--zeroout",
                                    "--offset",
                                    Long.toString(at),
                                    "--length",
                                    Long.toString(length),
                                    device.toString())
                            .withDeadline(SLICE_DEADLINE),
                    phase + " on " + device);
            progress.report(phase, 100.0 * (at + length - from) / (to - from));
            if (rate > 0 && at + length < to) {
                hold(length, nanoTime.getAsLong() - begun);
            }
        }
    }

    /** Three passes of random bytes over the first bytes, as Nova's {@code volume_clear = shred}. */
    void shred(Path device, long bytes, Progress progress) {
        progress.report("shred the volume", -1);
        run(
                Command.of(Tool.SHRED, "-n3", "-s" + bytes, device.toString())
                        .withDeadline(null)
                        .withIdleDeadline(SLICE_DEADLINE)
                        .withCancellation(progress::cancelled),
                "shredding " + device);
    }

    private void hold(long written, long took) {
        long due = (long) (written * 1e9 / rate) - took;
        if (due > 0) {
            try {
                pause.nanos(due);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BridgeException(ErrorCode.INTERRUPTED, "interrupted while erasing", null, e);
            }
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
