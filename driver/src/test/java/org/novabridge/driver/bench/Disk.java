package org.novabridge.driver.bench;

import com.sun.jna.Function;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The disk that the volume group lies on: counts what is written to it, and makes it slower.
 *
 * <p>The limit is that of the kernel's block controller ({@code io.max}) on the control group in which tools/bench
 * starts this program, and with it everything that it starts; it covers reads and writes, also those through
 * device-mapper and late ones from the page cache.
 */
final class Disk {
    static final String UNLIMITED = "lab disk";
    private static final int WRITTEN_SECTORS = 6;

    private final Path device;
    private final Path statistics;
    private final @Nullable Path controlGroup;
    private String limit = UNLIMITED;

    /** @param controlGroup that this process is in; null when nothing is to be limited */
    Disk(Path device, @Nullable Path controlGroup) {
        try {
            this.device = device.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.statistics = Path.of("/sys/block", this.device.getFileName().toString());
        this.controlGroup = controlGroup;
    }

    Path device() {
        return device;
    }

    /** What it allows now, for tables. */
    String limit() {
        return limit;
    }

    /** @param megabytes a second; 0 for all that it can */
    void allow(int megabytes) {
        if (controlGroup == null) {
            throw new IllegalStateException("no control group to limit the disk by");
        }
        String bytes = megabytes == 0 ? "max" : Long.toString(megabytes * 1_000_000L);
        try {
            String number = Files.readString(statistics.resolve("dev")).strip();
            Files.writeString(controlGroup.resolve("io.max"), number + " rbps=" + bytes + " wbps=" + bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        limit = megabytes == 0 ? UNLIMITED : megabytes + " MB/s";
    }

    /**
     * Runs the work and waits until everything is on the disk. Nobody waits for what the one before has left to
     * udev: its queue is empty at the begin.
     */
    Sample measure(Runnable work) {
        Bare.run("udevadm", "settle", "--timeout=120");
        sync();
        long before = written();
        long begin = System.nanoTime();
        work.run();
        sync();
        return new Sample((System.nanoTime() - begin) / 1e9, written() - before);
    }

    private long written() {
        try {
            String[] fields =
                    Files.readString(statistics.resolve("stat")).strip().split("\\s+");
            return Long.parseLong(fields[WRITTEN_SECTORS]) * 512;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The system call: the program of that name would add its own start to each time. */
    private static void sync() {
        Function.getFunction("c", "sync").invoke(new Object[0]);
    }
}
