package org.novabridge.driver.host;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.novabridge.driver.model.BridgeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the console logs of all instances below a size, as long as the bridge runs. Only for guests
 * whose console QEMU writes itself ({@code stdio_handler = "file"}, see {@link ConsoleLog}); while no
 * bridge runs nothing bounds them.
 */
public final class ConsoleLogCap implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleLogCap.class);

    private final Path instancesPath;
    private final LongSupplier maxBytes;
    private final ScheduledExecutorService thread;

    private ConsoleLogCap(Path instancesPath, LongSupplier maxBytes) {
        this.instancesPath = instancesPath;
        this.maxBytes = maxBytes;
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "console-log-cap");
            made.setDaemon(true);
            return made;
        });
    }

    /**
     * Looks at every {@code <instances_path>/<uuid>/console.log} again and again.
     *
     * @param maxBytes asked each time, so that a reload of console_log_max_size counts
     */
    public static ConsoleLogCap start(Path instancesPath, LongSupplier maxBytes, Duration interval) {
        ConsoleLogCap cap = new ConsoleLogCap(instancesPath, maxBytes);
        var unused = cap.thread.scheduleWithFixedDelay(
                cap::sweep, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        return cap;
    }

    private void sweep() {
        if (!Files.isDirectory(instancesPath)) {
            return;
        }
        try (DirectoryStream<Path> instances = Files.newDirectoryStream(instancesPath, "*-*-*-*-*")) {
            for (Path instance : instances) {
                cap(instance.resolve("console.log"));
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.warn("console logs below {} were not looked at: {}", instancesPath, e.getMessage());
        }
    }

    private void cap(Path log) {
        try {
            if (ConsoleLog.cap(log, maxBytes.getAsLong())) {
                LOG.debug("{} was cut", log);
            }
        } catch (BridgeException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
