package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.ExchangeFolder;
import org.novabridge.driver.storage.FileCopy;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageCache;

/**
 * Image and config drive from {@code <state_path>/exchange/<instance uuid>/}. The folder has the
 * instance's name, because the caller must fill it before the operation has an id.
 */
final class TakenFiles implements SpecFiles {
    private static final long GIB = 1L << 30;

    private final Supplier<ConfigSnapshot> config;
    private final CommandExecutor executor;
    private final FileOwner owner;
    private final Clock clock;

    TakenFiles(Supplier<ConfigSnapshot> config, CommandExecutor executor, FileOwner owner, Clock clock) {
        this.config = config;
        this.executor = executor;
        this.owner = owner;
        this.clock = clock;
    }

    @Override
    public CachedImage image(ImageMeta image, @Nullable String name, int rootGb, Steps steps) {
        ImageCache cache = cache();
        String id = image.id();
        if (id == null || id.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "image_meta.id is missing: the root disk has no image",
                    "give image_meta of the image to boot from");
        }
        Optional<CachedImage> cached = cache.find(id);
        if (cached.isPresent()) {
            return cached.get();
        }
        if (name == null) {
            throw new BridgeException(
                    ErrorCode.IMAGE_NOT_FOUND,
                    "image " + id + " is not in the cache of this host and the request names no image_file",
                    "give image_file (instance create: --image FILE)");
        }
        Path file = exchange().take(steps.instance(), name, role(steps), "image_file", steps);
        return cache.fill(image, file, rootGb == 0 ? null : rootGb * GIB, steps);
    }

    @Override
    public Optional<CachedImage> cached(String imageId) {
        return cache().find(imageId);
    }

    @Override
    public Path configDrive(@Nullable String name, Steps steps) {
        if (name == null) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "the instance gets a config drive and the request names no config_drive_file",
                    "give config_drive_file, the name of a file in the exchange folder");
        }
        return exchange().takeCopy(steps.instance(), name, role(steps), "config_drive_file", steps);
    }

    @Override
    public void discard(String instance) {
        exchange().discard(instance);
    }

    /** Half-written files of fills that a crash ended. */
    void recover() {
        cache().recover();
    }

    /** The cache of the configuration in force. */
    ImageCache cache() {
        return ImageCache.of(config.get(), executor, owner, clock);
    }

    private ExchangeFolder exchange() {
        ConfigSnapshot today = config.get();
        Duration stall = Duration.ofSeconds(today.get(BridgeOptions.CONVERT_STALL_TIMEOUT));
        return new ExchangeFolder(
                Path.of(today.get(BridgeOptions.STATE_PATH)), new FileCopy(executor, stall), Set.of("nova"));
    }

    private static ExchangeFolder.Role role(Steps steps) {
        return steps.caller().role() == Caller.Role.OPERATOR
                ? ExchangeFolder.Role.OPERATOR
                : ExchangeFolder.Role.CONTROL_PLANE;
    }
}
