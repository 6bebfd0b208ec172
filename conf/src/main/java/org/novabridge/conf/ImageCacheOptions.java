package org.novabridge.conf;

import org.novabridge.conf.Option.Actor;

/** {@code [image_cache]} (Nova: conf/imagecache.py, Zed). */
public final class ImageCacheOptions {
    static final OptionSection SECTION = new OptionSection("image_cache", "The cache of base images.");

    public static final Option<Integer> MANAGER_INTERVAL = SECTION.integer("manager_interval", 2400, -1)
            .oldName("DEFAULT", "image_cache_manager_interval")
            .active("Seconds between two runs of the cache's aging; 0 the default period of 60, -1 never.");
    public static final Option<String> SUBDIRECTORY_NAME = SECTION.text("subdirectory_name", "_base")
            .oldName("DEFAULT", "image_cache_subdirectory_name")
            .restart()
            .active("Folder of the cache below instances_path.");
    public static final Option<Boolean> REMOVE_UNUSED_BASE_IMAGES = SECTION.bool("remove_unused_base_images", true)
            .oldName("DEFAULT", "remove_unused_base_images")
            .active("Base images that no guest uses are removed once they are old enough.");
    public static final Option<Integer> REMOVE_UNUSED_ORIGINAL_MINIMUM_AGE_SECONDS = SECTION.integer(
                    "remove_unused_original_minimum_age_seconds", 86400)
            .oldName("DEFAULT", "remove_unused_original_minimum_age_seconds")
            .active("Seconds an unused base image is kept.");
    public static final Option<Integer> REMOVE_UNUSED_RESIZED_MINIMUM_AGE_SECONDS = SECTION.integer(
                    "remove_unused_resized_minimum_age_seconds", 3600)
            .oldName("libvirt", "remove_unused_resized_minimum_age_seconds")
            .active("Seconds an unused resized copy of a base image is kept.");
    public static final Option<Integer> PRECACHE_CONCURRENCY = SECTION.integer("precache_concurrency", 1, 1)
            .actedOnBy(Actor.NOVA_CONDUCTOR, "How many hosts fetch an image at the same time when it is cached ahead.");

    private ImageCacheOptions() {}
}
