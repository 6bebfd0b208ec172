package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.ImageCacheOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the {@link BaseVolumes bases} that nobody has needed for as long as Nova's options of the image cache say
 * ({@code remove_unused_base_images}, {@code remove_unused_original_minimum_age_seconds}), and half-filled ones that
 * nobody fills any more. A base is in use while an instance of this host has its image, while any volume but a base has it
 * as its origin, ours or not, while a thread needs it, and while it is active: somebody looks at it.
 */
public final class BaseAging {
    private static final Logger LOG = LoggerFactory.getLogger(BaseAging.class);

    private final LockedGroup group;
    private final LvmCommands commands;
    private final RetiredVolumes retired;
    private final BaseTimes times;
    private final boolean removing;
    private final Duration age;

    BaseAging(CommandExecutor executor, LvmSettings settings, BaseTimes times, boolean removing, Duration minimumAge) {
        this.group = new LockedGroup(executor, settings);
        this.commands = new LvmCommands(settings.alarmAfter());
        this.retired = new RetiredVolumes(settings, commands, group, new Eraser(executor, settings));
        this.times = times;
        this.removing = removing;
        this.age = minimumAge;
    }

    /** Empty when no volume group is configured. */
    public static Optional<BaseAging> of(ConfigSnapshot config, CommandExecutor executor) {
        if (config.find(LibvirtOptions.IMAGES_VOLUME_GROUP).isEmpty()) {
            return Optional.empty();
        }
        LvmSettings settings = LvmSettings.of(config);
        return Optional.of(new BaseAging(
                executor,
                settings,
                BaseTimes.of(config, settings.group()),
                config.get(ImageCacheOptions.REMOVE_UNUSED_BASE_IMAGES),
                Duration.ofSeconds(config.get(ImageCacheOptions.REMOVE_UNUSED_ORIGINAL_MINIMUM_AGE_SECONDS))));
    }

    /**
     * Marks the bases that are in use, and names those that are to be removed.
     *
     * @param imagesInUse files in the cache ({@link CachedImage#base}) of the images of all instances of this host
     * @throws BridgeException when LVM cannot be asked
     */
    public List<String> unused(Set<Path> imagesInUse, Instant now) {
        List<LogicalVolume> bases = group.report().volumes(group.name()).stream()
                .filter(LogicalVolume::base)
                .toList();
        times.forgetAllBut(bases.stream().map(LogicalVolume::name).collect(Collectors.toSet()));
        if (bases.isEmpty()) {
            return List.of();
        }
        Set<String> images = imagesInUse.stream().map(LvmNames::base).collect(Collectors.toSet());
        Set<String> origins = group.report().origins(group.name());
        List<String> unused = new ArrayList<>();
        for (LogicalVolume base : bases) {
            if (base.halfFilled()) {
                unused.add(base.name());
            } else if (images.contains(LvmNames.imageOf(base.name()))
                    || origins.contains(base.name())
                    || base.active()) {
                times.needed(base.name(), now);
            } else if (removing && old(base.name(), now)) {
                unused.add(base.name());
            }
        }
        return unused;
    }

    /**
     * Removes one of {@link #unused}, unless somebody has begun to need it. One that is gone is success.
     *
     * @return false when it stays
     * @throws BridgeException VOLUMES_NOT_REMOVED; it stays as it was
     */
    public boolean remove(String volume, Instant now) {
        return remove(volume, base -> old(base, now));
    }

    /**
     * Removes a base that nobody needs, however young it is. One that is gone is success.
     *
     * @throws BridgeException VOLUMES_NOT_REMOVED, also when somebody needs it; it stays as it was
     */
    void removeNow(String volume) {
        if (!remove(volume, base -> true)) {
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    "somebody needs base " + group.name() + "/" + volume + " now",
                    "it goes by itself when nobody does any more ([image_cache])");
        }
    }

    private boolean remove(String volume, Predicate<String> old) {
        String base = LvmNames.baseOfFill(volume);
        Optional<BaseClaim> mine = BaseClaim.remove(group.name(), LvmNames.imageOf(base));
        if (mine.isEmpty()) {
            return false;
        }
        try (BaseClaim unused = mine.get()) {
            Optional<LogicalVolume> found = group.report().volume(group.name(), volume);
            if (found.isEmpty()) {
                return true;
            }
            if (found.get().halfFilled()) {
                retired.removeVolume(volume);
                LOG.info("removed {}/{}, left by a fill that did not end", group.name(), volume);
                return true;
            }
            if (found.get().active()
                    || !old.test(base)
                    || group.report().origins(group.name()).contains(base)) {
                return false;
            }
            removeBase(base);
            return true;
        }
    }

    private void removeBase(String base) {
        try {
            group.change(commands.removeInactive(group.name(), base), "cannot remove " + group.name() + "/" + base);
        } catch (BridgeException e) {
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    String.valueOf(e.getMessage()),
                    "nothing is lost, and it is tried again at the next interval; to remove it by hand: lvremove "
                            + group.name() + "/" + base,
                    e);
        }
        times.forget(base);
        LOG.info("removed base {}/{}, which nobody needs", group.name(), base);
    }

    private boolean old(String base, Instant now) {
        try {
            Optional<Instant> last = times.last(base);
            if (last.isEmpty()) {
                times.needed(base, now);
                return false;
            }
            return !last.get().plus(age).isAfter(now);
        } catch (IOException e) {
            LOG.warn("base {} is left as it is: {}", base, e.getMessage());
            return false;
        }
    }
}
