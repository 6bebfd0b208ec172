package org.novabridge.driver.compute;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the guest of another instance does while a bridge works, dies and is settled: it writes a page to its disk every 10
 * ms, past the page cache. No write may fail, and none may wait long.
 */
final class OthersWrites implements AutoCloseable {
    /** No write of a guest waits longer: far more than a loaded machine needs, far less than anybody to resume a device. */
    static final Duration MOST = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final Duration TICK = Duration.ofMillis(100);
    private static final int PAGE = 4096;

    /** Where the disk is written, behind what is compared after each crash. */
    private static final long BEGIN = 2 << 20;

    private static final long END = 4 << 20;

    private final Path device;
    private final Thread writer = new Thread(this::write, "others-writes");
    private final Thread ticker = new Thread(this::tick, "others-clock");
    private volatile boolean over;
    private volatile long ticks;
    private volatile long last;
    private volatile long longest;
    private volatile long writes;
    private volatile @Nullable String failure;

    /** @param device of at least 4 MiB, of which the second half is written */
    OthersWrites(Path device) {
        this.device = device;
        writer.setDaemon(true);
        ticker.setDaemon(true);
        ticker.start();
        writer.start();
    }

    /** A clock that stands still when the whole machine does: then nobody's writes go on, whatever the bridge does. */
    private void tick() {
        while (!over) {
            pause(TICK);
            ticks++;
            longest = Math.max(longest, ticks - last);
        }
    }

    private void write() {
        ByteBuffer page = ByteBuffer.allocateDirect(2 * PAGE).alignedSlice(PAGE).limit(PAGE);
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT)) {
            for (long at = BEGIN; !over; at = at + PAGE == END ? BEGIN : at + PAGE) {
                channel.write(page.rewind(), at);
                last = ticks;
                writes++;
                pause(PAUSE);
            }
        } catch (IOException e) {
            failure = "a write of another instance to " + device + " failed: " + e.getMessage();
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The longest time between two writes so far, or since the last one. */
    Duration longest() {
        return TICK.multipliedBy(longest);
    }

    long count() {
        return writes;
    }

    /** Sentences; empty when the other guest has noticed nothing. */
    List<String> wrong(Duration most) {
        List<String> wrong = new ArrayList<>();
        String failed = failure;
        if (failed != null) {
            wrong.add(failed);
        }
        if (longest().compareTo(most) > 0) {
            wrong.add("the guest of another instance could not write to " + device + " for "
                    + longest().toMillis() + " ms");
        }
        if (writes == 0) {
            wrong.add("the guest of another instance has not written to " + device);
        }
        return wrong;
    }

    /** Waits for the last write. */
    @Override
    public void close() throws InterruptedException {
        over = true;
        writer.join(MOST.toMillis());
        ticker.join();
    }
}
