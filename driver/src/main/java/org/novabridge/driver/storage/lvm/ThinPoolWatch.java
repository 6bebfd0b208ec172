package org.novabridge.driver.storage.lvm;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;

/**
 * Looks how full the thin pool is, data and metadata apart, remembers the last looks, and says when it will be full.
 * It grows nothing: dmeventd does. Each look is one question to LVM, under no lock of ours. Safe for use by several
 * threads.
 */
public final class ThinPoolWatch {
    /** An hour of looks with the usual interval. */
    private static final int LOOKS = 60;

    private final Supplier<ConfigSnapshot> config;
    private final CommandExecutor executor;
    private final Consumer<PoolAlarm> alarms;
    private final Deque<PoolUse> looks = new ArrayDeque<>();
    private final Map<PoolAlarm.Part, PoolAlarm.Level> levels = new EnumMap<>(PoolAlarm.Part.class);
    private String watched = "";
    private @Nullable PoolForecast latest;

    /** @param alarms hears of each change of level */
    public ThinPoolWatch(Supplier<ConfigSnapshot> config, CommandExecutor executor, Consumer<PoolAlarm> alarms) {
        this.config = config;
        this.executor = executor;
        this.alarms = alarms;
    }

    /** Time between two looks. */
    public static Duration interval(ConfigSnapshot today) {
        return Duration.ofSeconds(today.get(BridgeOptions.THIN_POOL_WATCH_INTERVAL));
    }

    /** What the last look gave; empty where there is no thin pool. */
    public synchronized Optional<PoolForecast> latest() {
        return Optional.ofNullable(latest);
    }

    /** What the last look found for guests to write to; empty where there is no thin pool. */
    public synchronized Optional<PoolRoom> room() {
        return latest == null ? Optional.empty() : Optional.of(looks.getLast().room(watched));
    }

    /**
     * Looks once. Asks nothing when guests' disks are not in a thin pool.
     *
     * @throws BridgeException when LVM cannot be asked; the last looks stay
     */
    public void look(Instant now) {
        ConfigSnapshot today = config.get();
        if (!today.get(LibvirtOptions.IMAGES_TYPE).equals("lvm")
                || today.get(LibvirtOptions.IMAGES_LVM_TYPE).equals("default")) {
            forget("");
            return;
        }
        LvmSettings settings = LvmSettings.of(today);
        ThinPoolSettings pool = ThinPoolSettings.of(today, settings.group());
        Optional<PoolUse> use =
                new LvmReport(executor, settings.alarmAfter()).poolUse(settings.group(), pool.name(), now);
        String path = settings.group() + "/" + pool.name();
        forget(use.isPresent() ? path : "");
        use.ifPresent(found -> changes(pool, path, found).forEach(alarms));
    }

    /** Another pool than before begins anew. */
    private synchronized void forget(String now) {
        if (!watched.equals(now)) {
            watched = now;
            looks.clear();
            levels.clear();
            latest = null;
        }
    }

    private synchronized List<PoolAlarm> changes(ThinPoolSettings pool, String path, PoolUse use) {
        looks.addLast(use);
        if (looks.size() > LOOKS) {
            looks.removeFirst();
        }
        List<PoolAlarm> changes = new ArrayList<>();
        PoolForecast.Part data = part(PoolAlarm.Part.DATA, path, pool.growth(), use.size(), PoolUse::data, changes);
        PoolForecast.Part metadata =
                part(PoolAlarm.Part.METADATA, path, pool.growth(), use.metadataSize(), PoolUse::metadata, changes);
        latest = new PoolForecast(pool.name(), use.at().toString(), data, metadata);
        return changes;
    }

    private PoolForecast.Part part(
            PoolAlarm.Part part,
            String path,
            PoolGrowth growth,
            long size,
            ToLongFunction<PoolUse> used,
            List<PoolAlarm> changes) {
        PoolUse last = looks.getLast();
        Trend trend = new Trend(looks.stream()
                .map(look -> new Trend.Point(look.at(), used.applyAsLong(look)))
                .toList());
        long now = used.applyAsLong(last);
        double percent = size == 0 ? 0 : 100.0 * now / size;
        PoolAlarm.Level before = levels.getOrDefault(part, PoolAlarm.Level.OK);
        PoolAlarm.Level level = part.level(before, percent, growth);
        levels.put(part, level);
        if (level != before) {
            changes.add(new PoolAlarm(path, part, level, percent));
        }
        OptionalLong left = trend.secondsUntil(size + (growth.wanted() ? last.groupFree() : 0));
        OptionalDouble slope = trend.bytesPerSecond();
        return new PoolForecast.Part(
                size,
                now,
                percent,
                slope.isPresent() ? Math.round(slope.getAsDouble() * 3600) : null,
                left.isPresent() ? left.getAsLong() : null,
                level);
    }
}
