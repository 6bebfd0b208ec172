package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.ImageCacheOptions;
import org.novabridge.driver.model.BridgeException;
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

    private static final int DIGEST_LENGTH = 40;

    private final ImageCache cache;
    private final boolean removing;
    private final Duration originalAge;
    private final Duration resizedAge;

    public CacheAging(ConfigSnapshot config, ImageCache cache) {
        this.cache = cache;
        this.removing = config.get(ImageCacheOptions.REMOVE_UNUSED_BASE_IMAGES);
        this.originalAge = Duration.ofSeconds(config.get(ImageCacheOptions.REMOVE_UNUSED_ORIGINAL_MINIMUM_AGE_SECONDS));
        this.resizedAge = Duration.ofSeconds(config.get(ImageCacheOptions.REMOVE_UNUSED_RESIZED_MINIMUM_AGE_SECONDS));
    }

    /**
     * Marks what is in use, and removes what is not and is old enough. In use is also what any disk in instances_path
     * reads, whoever made it and for whichever host.
     *
     * @param imageIdsInUse images (also kernels and ramdisks) of all instances of this host
     * @return the removed files
     * @throws BridgeException STORAGE_FAILED when not all disks could be looked at; nothing is removed then
     */
    public List<Path> age(Set<String> imageIdsInUse, Instant now) {
        List<Path> removed = new ArrayList<>();
        if (!Files.isDirectory(cache.folder())) {
            return removed;
        }
        try (HeldFolder folder = cache.bases();
                DirectoryStream<Path> names = Files.newDirectoryStream(folder.path())) {
            Set<String> used = new HashSet<>(BackingFiles.names(cache.instances()));
            imageIdsInUse.forEach(id -> used.add(String.valueOf(cache.baseOf(id).getFileName())));
            boolean remove = removing && ours(folder);
            for (Path each : names) {
                String name = String.valueOf(each.getFileName());
                if (ageOne(folder, name, used, remove, now)) {
                    removed.add(cache.folder().resolve(name));
                }
            }
        } catch (IOException e) {
            throw StorageFailures.of("aging the image cache", e);
        }
        return removed;
    }

    /**
     * A cache on a file system of its own may serve hosts whose instances are not to be seen here, and nobody tells
     * us of their disks.
     */
    private boolean ours(HeldFolder folder) throws IOException {
        boolean same = cache.folder().startsWith(cache.instances())
                && Files.getAttribute(folder.path(), "unix:dev")
                        .equals(Files.getAttribute(cache.instances(), "unix:dev"));
        if (!same) {
            LOG.warn(
                    "{} is not on the file system of instances_path and could be in use by guests of other hosts: no"
                            + " base is removed; remove old ones by hand",
                    cache.folder());
        }
        return same;
    }

    private boolean ageOne(HeldFolder folder, String name, Set<String> used, boolean remove, Instant now)
            throws IOException {
        boolean original = ORIGINAL.matcher(name).matches();
        if (!original && !RESIZED.matcher(name).matches()) {
            return false;
        }
        try {
            // Resized copies of an image in use count as in use, as in Nova.
            if (used.contains(name) || used.contains(name.substring(0, DIGEST_LENGTH))) {
                touch(folder, name, now);
                return false;
            }
            return remove && removeIfOld(folder, name, original ? originalAge : resizedAge, now);
        } catch (FileSystemException e) {
            LOG.warn("base {} is left as it is: {}", name, e.getMessage());
            return false;
        }
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
