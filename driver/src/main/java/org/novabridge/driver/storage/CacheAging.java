package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.ImageCacheOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes base images that nobody has used for long, by the rules and options of Nova's cache manager
 * (nova/virt/libvirt/imagecache.py, 26.2.2). Runs only on lists of what is in use: without them nothing may be judged
 * unused. Bases named {@code ephemeral_…} and {@code swap_…} are stock Nova's and left to it.
 */
public final class CacheAging {
    private static final Logger LOG = LoggerFactory.getLogger(CacheAging.class);
    private static final Pattern ORIGINAL = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern RESIZED = Pattern.compile("[0-9a-f]{40}_(sm|\\d+)");

    private final ImageCache cache;
    private final boolean remove;
    private final Duration originalAge;
    private final Duration resizedAge;

    public CacheAging(ConfigSnapshot config, ImageCache cache) {
        this.cache = cache;
        this.remove = config.get(ImageCacheOptions.REMOVE_UNUSED_BASE_IMAGES);
        this.originalAge = Duration.ofSeconds(config.get(ImageCacheOptions.REMOVE_UNUSED_ORIGINAL_MINIMUM_AGE_SECONDS));
        this.resizedAge = Duration.ofSeconds(config.get(ImageCacheOptions.REMOVE_UNUSED_RESIZED_MINIMUM_AGE_SECONDS));
    }

    /**
     * Marks what is in use, and removes what is not and is old enough.
     *
     * @param imageIdsInUse images (also kernels and ramdisks) of all instances of this host, or of all hosts that share
     *     instances_path
     * @param basesInUse base files that existing disks read
     * @return the removed files
     */
    public List<Path> age(Set<String> imageIdsInUse, Set<Path> basesInUse, Instant now) {
        Set<Path> used = imageIdsInUse.stream().map(cache::baseOf).collect(Collectors.toSet());
        used.addAll(basesInUse);
        List<Path> removed = new ArrayList<>();
        if (!Files.isDirectory(cache.folder())) {
            return removed;
        }
        try (HeldFolder folder = cache.bases();
                DirectoryStream<Path> names = Files.newDirectoryStream(folder.path())) {
            for (Path each : names) {
                String name = String.valueOf(each.getFileName());
                Path base = cache.folder().resolve(name);
                boolean original = ORIGINAL.matcher(name).matches();
                if (!original && !RESIZED.matcher(name).matches()) {
                    continue;
                }
                if (used.contains(base)) {
                    touch(folder, name, now);
                } else if (remove && removeIfOld(folder, name, original ? originalAge : resizedAge, now)) {
                    removed.add(base);
                }
            }
        } catch (IOException e) {
            throw StorageFailures.of("aging the image cache", e);
        }
        return removed;
    }

    private static void touch(HeldFolder folder, String name, Instant now) throws IOException {
        try (HeldFile base = folder.file(name)) {
            Files.setLastModifiedTime(base.path(), FileTime.from(now));
        } catch (NoSuchFileException e) {
            LOG.debug("{} went away meanwhile", name);
        }
    }

    private boolean removeIfOld(HeldFolder folder, String name, Duration minimum, Instant now) throws IOException {
        if (!isOld(folder, name, minimum, now)) {
            return false;
        }
        Path base = cache.folder().resolve(name);
        Path lockFile = cache.lockOf(base);
        try (CacheLock lock = CacheLock.tryAcquire(lockFile, cache.owner())) {
            // Whoever has the lock is about to use the base. Looked at again: a user may have come meanwhile.
            if (lock == null || !isOld(folder, name, minimum, now)) {
                return false;
            }
            boolean removed = Files.deleteIfExists(folder.at(name));
            cache.records().delete(base);
            Files.deleteIfExists(lockFile);
            if (removed) {
                LOG.info("removed base image {}, unused for at least {} s", base, minimum.toSeconds());
            }
            return removed;
        }
    }

    private static boolean isOld(HeldFolder folder, String name, Duration minimum, Instant now) throws IOException {
        try (HeldFile base = folder.file(name)) {
            return !base.attributes()
                    .lastModifiedTime()
                    .toInstant()
                    .plus(minimum)
                    .isAfter(now);
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
