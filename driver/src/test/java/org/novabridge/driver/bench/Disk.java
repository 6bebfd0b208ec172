package org.novabridge.driver.bench;

import com.sun.jna.Function;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The disks that the volume groups lie on: counts what is written to them, and makes each slower. Only one contender
 * works at a time, so what is written is what it wrote, on whichever disk.
 *
 * <p>The limit is that of the kernel's block controller ({@code io.max}) on the control group in which tools/bench
 * starts this program, and with it everything that it starts; it covers reads and writes, also those through
 * device-mapper and late ones from the page cache.
 */
final class Disk {
    static final String UNLIMITED = "lab disk";
    private static final int WRITTEN_SECTORS = 6;

    private final List<Path> statistics;
    private final @Nullable Path controlGroup;
    private String limit = UNLIMITED;

    /** @param controlGroup that this process is in; null when nothing is to be limited */
    Disk(List<Path> devices, @Nullable Path controlGroup) {
        this.statistics = devices.stream()
                .map(device -> Path.of("/sys/block", real(device).getFileName().toString()))
                .toList();
        this.controlGroup = controlGroup;
    }

    private static Path real(Path device) {
        try {
            return device.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it allows now, for tables. */
    String limit() {
        return limit;
    }

    /** @param megabytes a second, for each disk; 0 for all that it can */
    void allow(int megabytes) {
        if (controlGroup == null) {
            throw new IllegalStateException("no control group to limit the disk by");
        }
        String bytes = megabytes == 0 ? "max" : Long.toString(megabytes * 1_000_000L);
        try {
            for (Path disk : statistics) {
                String number = Files.readString(disk.resolve("dev")).strip();
                Files.writeString(controlGroup.resolve("io.max"), number + " rbps=" + bytes + " wbps=" + bytes);
            }
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
            long sectors = 0;
            for (Path disk : statistics) {
                String[] fields = Files.readString(disk.resolve("stat")).strip().split("\\s+");
                sectors += Long.parseLong(fields[WRITTEN_SECTORS]);
            }
            return sectors * 512;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The system call: the program of that name would add its own start to each time. */
    private static void sync() {
        Function.getFunction("c", "sync").invoke(new Object[0]);
    }
}
