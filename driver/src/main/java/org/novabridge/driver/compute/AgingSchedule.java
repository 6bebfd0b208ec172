package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.ImageCacheOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.CacheAging;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the aging of the image cache, files and base volumes, every {@code [image_cache]manager_interval} seconds, the first time after one
 * interval, as Nova does (nova/compute/manager.py {@code _run_image_cache_manager_pass} 26.2.2). Without a list of the
 * images in use there is no run.
 */
final class AgingSchedule implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgingSchedule.class);
    /** What 0 stands for: the period of a Nova task that names none. Also how often -1 is looked at again. */
    private static final Duration DEFAULT_PERIOD = Duration.ofSeconds(60);

    private final Supplier<ConfigSnapshot> config;
    private final Supplier<CacheAging> aging;
    private final Consumer<Set<String>> volumes;
    private final Supplier<Set<String>> imagesInUse;
    private final Clock clock;
    private final ScheduledExecutorService timer = Timers.daemon("image-cache");

    /**
     * @param aging of the cache of today's configuration
     * @param volumes looks through the bases in the volume group, given the ids of images in use
     * @param imagesInUse ids of images, kernels and ramdisks of all instances of this host
     */
    AgingSchedule(
            Supplier<ConfigSnapshot> config,
            Supplier<CacheAging> aging,
            Consumer<Set<String>> volumes,
            Supplier<Set<String>> imagesInUse,
            Clock clock) {
        this.config = config;
        this.aging = aging;
        this.volumes = volumes;
        this.imagesInUse = imagesInUse;
        this.clock = clock;
    }

    void start() {
        var unused = timer.schedule(this::runAndGoOn, period(config.get()).toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A reload of the interval counts from the next run on. */
    static Duration period(ConfigSnapshot today) {
        int seconds = today.get(ImageCacheOptions.MANAGER_INTERVAL);
        return seconds > 0 ? Duration.ofSeconds(seconds) : DEFAULT_PERIOD;
    }

    private void runAndGoOn() {
        try {
            run();
        } catch (RuntimeException e) {
            LOG.error("the image cache was not looked through; it is tried again at the next interval", e);
        } finally {
            if (!timer.isShutdown()) {
                start();
            }
        }
    }

    /** One run; gives the files that were removed. What is wrong with the volume group does not keep them, nor the reverse. */
    List<Path> run() {
        if (config.get().get(ImageCacheOptions.MANAGER_INTERVAL) < 0) {
            return List.of();
        }
        Set<String> images = imagesInUse.get();
        try {
            volumes.accept(images);
        } catch (BridgeException e) {
            LOG.error("base images in the volume group stay until the next interval: {}", e.getMessage());
        }
        List<Path> removed = aging.get().age(images, clock.instant());
        LOG.debug("the image cache was looked through, {} bases removed", removed.size());
        return removed;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
