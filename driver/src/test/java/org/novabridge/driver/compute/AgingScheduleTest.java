package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.ImageCacheOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CacheAging;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageCache;

class AgingScheduleTest {
    @TempDir
    Path folder;

    private final List<Set<String>> volumes = new ArrayList<>();

    private ConfigSnapshot config(int interval) {
        return ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, folder.toString())
                .set(BridgeOptions.STATE_PATH, folder.resolve("state").toString())
                .set(ImageCacheOptions.MANAGER_INTERVAL, interval)
                .build();
    }

    private static ImageCache cache(ConfigSnapshot config) {
        return ImageCache.of(
                config,
                command -> {
                    throw new AssertionError("aging runs no program");
                },
                FileOwner.ofThisHost(),
                Clock.systemUTC());
    }

    private AgingSchedule schedule(ConfigSnapshot config, Set<String> images) {
        return new AgingSchedule(
                () -> config,
                () -> new CacheAging(config, cache(config)),
                volumes::add,
                () -> images,
                Clock.systemUTC());
    }

    private Path old(String image) throws IOException {
        Path base = cache(config(0)).baseOf(image);
        Files.createDirectories(base.getParent());
        Files.writeString(base, "a base");
        Files.setLastModifiedTime(base, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        return base;
    }

    @Test
    void theIntervalIsNovas() {
        assertThat(AgingSchedule.period(config(2400))).isEqualTo(Duration.ofMinutes(40));
        assertThat(AgingSchedule.period(config(0))).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aRunRemovesWhatNoInstanceUsesAndMinusOneMeansNever() throws IOException {
        Path used = old("used");
        Path unused = old("unused");
        try (AgingSchedule never = schedule(config(-1), Set.of("used"));
                AgingSchedule sometimes = schedule(config(2400), Set.of("used"))) {
            assertThat(never.run()).isEmpty();
            assertThat(sometimes.run()).containsExactly(unused);
        }
        assertThat(used).exists();
        assertThat(unused).doesNotExist();
        assertThat(volumes).containsExactly(Set.of("used"));
    }

    @Test
    void aVolumeGroupThatCannotBeAskedDoesNotKeepOldFiles() throws IOException {
        Path unused = old("unused");
        ConfigSnapshot config = config(2400);
        try (AgingSchedule schedule = new AgingSchedule(
                () -> config,
                () -> new CacheAging(config, cache(config)),
                images -> {
                    throw new BridgeException(ErrorCode.VOLUME_GROUP_UNUSABLE, "no such group");
                },
                Set::of,
                Clock.systemUTC())) {
            assertThat(schedule.run()).containsExactly(unused);
        }
    }

    @Test
    void aRunThatFailsIsFollowedByAnother() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(2);
        ConfigSnapshot config = config(1);
        try (AgingSchedule schedule = new AgingSchedule(
                () -> config,
                () -> new CacheAging(config, cache(config)),
                images -> {},
                () -> {
                    runs.countDown();
                    throw new IllegalStateException("a record cannot be read");
                },
                Clock.systemUTC())) {
            schedule.start();
            assertThat(runs.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
