package org.novabridge.driver.compute;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.novabridge.driver.compute.GuestPlan.Filling;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.ImageSpec;
import org.novabridge.driver.storage.CacheEntry;
import org.novabridge.driver.storage.CachedImage;

/**
 * Images in the cache of this host, and how they get there before a guest needs them (nova/virt/driver.py 26.2.2, {@code
 * cache_image}): as a file, and in a thin pool as the volume that root disks are clones of. A kernel and a ramdisk are files of
 * guests on every storage, so they are cached as these alone.
 */
public final class ImageCaching {
    /** Glance's formats of kernels and ramdisks. */
    private static final Set<String> BOOTED = Set.of("aki", "ari");

    private final Parts parts;
    private final Supplier<String> backend;
    private final Supplier<List<CacheEntry>> entries;

    /**
     * @param backend of the disks of new guests
     * @param entries of the cache
     */
    ImageCaching(Parts parts, Supplier<String> backend, Supplier<List<CacheEntry>> entries) {
        this.parts = parts;
        this.backend = backend;
        this.entries = entries;
    }

    /** Those that are known by id, last used first. */
    public List<CacheEntry> list() {
        return entries.get();
    }

    /**
     * Brings an image into the cache. The result says whether it was {@code cached} by this, or was there.
     *
     * @param image with its file in the exchange folder of its id, or without when it must be there already
     * @throws BridgeException INVALID_REQUEST for an image without an id that is a uuid; the operation ends with
     *     IMAGE_NOT_FOUND, IMAGE_UNACCEPTABLE, STORAGE_FULL …
     */
    public Operation cache(Caller caller, ImageSpec image, RequestKey key) {
        String id = image.imageMeta().id();
        if (id == null || id.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST, "image_meta.id is missing", "give image_meta of the image to cache");
        }
        return parts.operations()
                .submit(
                        Operation.Kind.CACHE_IMAGE,
                        Uuids.canonical("image", id),
                        caller,
                        key,
                        steps -> run(steps, image));
    }

    private Map<String, Object> run(Steps steps, ImageSpec image) {
        String id = steps.instance();
        steps.step("look for the image in the cache");
        boolean there = parts.files().cached(id).isPresent();
        steps.step("cache the image");
        boolean booted =
                BOOTED.contains(Objects.requireNonNullElse(image.imageMeta().diskFormat(), ""));
        ImageMeta meta = booted ? new Filling.Boot(id).meta() : image.imageMeta();
        CachedImage cached = parts.files().image(meta, image.imageFile(), 0, steps);
        steps.step("make what disks are made from");
        String name = booted ? GuestBuild.RAW : backend.get();
        parts.backends().get(name).warm(cached, steps);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("image", id);
        result.put("cached", !there);
        result.put("format", cached.format());
        result.put("virtual_size", cached.virtualSize());
        result.put("backend", name);
        return result;
    }
}
