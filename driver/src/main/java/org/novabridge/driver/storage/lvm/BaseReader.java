package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.DiskStreams.Range;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.StorageFailures;

/**
 * Reads bases for their {@link BaseChecksum}, past the page cache: what counts is what guests will read from the device.
 *
 * <p>A program of its own reads. Who waits for a device that does not answer any more cannot be killed, and one thread of ours
 * that did would keep our whole process from ending; a program is left behind, and dies when the device lets it.
 */
final class BaseReader {
    private static final String PHASE = "read the base of the image for its checksum";

    private final CommandExecutor executor;
    private final Duration stall;

    /** @param stall without a byte after which the device is given up ({@code convert_stall_timeout}) */
    BaseReader(CommandExecutor executor, Duration stall) {
        this.executor = executor;
        this.stall = stall;
    }

    static BaseReader of(ConfigSnapshot config, CommandExecutor executor) {
        return new BaseReader(executor, Duration.ofSeconds(config.get(BridgeOptions.CONVERT_STALL_TIMEOUT)));
    }

    /** Reads all of a device. */
    String checksum(Path device, Progress progress) {
        long size = size(device);
        return checksum(device, size, Allocation.everywhere(size), progress);
    }

    /**
     * Reads a device.
     *
     * @param where it may hold something; the rest is not read, and counts as zeros
     * @return 64 hexadecimal digits
     * @throws BridgeException STORAGE_FAILED when it cannot be read, or gives nothing for too long, see {@link #left};
     *     CANCELLED
     */
    String checksum(Path device, Allocation where, Progress progress) {
        return checksum(device, size(device), where, progress);
    }

    private String checksum(Path device, long size, Allocation where, Progress progress) {
        BaseChecksum checksum = new BaseChecksum();
        for (Range range : BaseChecksum.reads(size, where)) {
            StorageFailures.checkCancelled(progress, PHASE);
            checksum.at(range.from());
            Taking taking = new Taking(checksum, range, size, progress);
            read(device, range, taking, progress);
            taking.end(device);
        }
        return checksum.hex();
    }

    void read(Path device, Range range, OutputStream to, Progress progress) {
        try {
            executor.run(Command.of(
                            Tool.DD,
                            "if=" + device,
                            "iflag=direct",
                            "bs=" + BaseChecksum.READ,
                            "skip=" + range.from() / BaseChecksum.READ,
                            "count=" + (range.length() + BaseChecksum.READ - 1) / BaseChecksum.READ,
                            "status=none")
                    .withDeadline(null)
                    .withIdleDeadline(stall)
                    .withCancellation(progress::cancelled)
                    .withOutput(to));
        } catch (CommandFailedException e) {
            if (e.reason() == CommandFailedException.Reason.IDLE) {
                throw new BridgeException(
                        ErrorCode.STORAGE_FAILED,
                        device + " has given nothing for " + stall.toSeconds()
                                + " s (convert_stall_timeout), and is not waited for any longer",
                        StorageFailures.BROKEN_DEVICE,
                        e);
            }
            throw StorageFailures.of("reading " + device, e);
        }
    }

    /** Whether a failure has left a reader behind, which keeps the device open until that answers. */
    static boolean left(BridgeException failure) {
        return failure.getCause() instanceof CommandFailedException reader
                && reader.result().exitCode() == -1
                && reader.reason() != CommandFailedException.Reason.NOT_STARTED;
    }

    private static long size(Path device) {
        try (FileChannel channel = FileChannel.open(device.toRealPath())) {
            return channel.size();
        } catch (IOException e) {
            throw StorageFailures.of("reading " + device, e);
        }
    }

    /** What comes of one range, on the thread that reads it. */
    private static final class Taking extends OutputStream {
        private final BaseChecksum checksum;
        private final Range range;
        private final long size;
        private final Progress progress;
        private long taken;

        Taking(BaseChecksum checksum, Range range, long size, Progress progress) {
            this.checksum = checksum;
            this.range = range;
            this.size = size;
            this.progress = progress;
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int length) {
            long before = taken;
            int wanted = (int) Math.min(length, range.length() - taken);
            checksum.add(bytes, from, wanted);
            taken += wanted;
            if (before / BaseChecksum.READ != taken / BaseChecksum.READ) {
                progress.report(PHASE, 100.0 * (range.from() + taken) / size);
            }
        }

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        synchronized void end(Path device) {
            if (taken < range.length()) {
                throw new BridgeException(
                        ErrorCode.STORAGE_FAILED,
                        "reading " + device + ": it ends at byte " + (range.from() + taken) + ", before its size of "
                                + size,
                        StorageFailures.BROKEN_DEVICE);
            }
            checksum.end();
        }
    }
}
