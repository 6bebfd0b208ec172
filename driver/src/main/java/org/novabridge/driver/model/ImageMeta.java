package org.novabridge.driver.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Glance's record of the image (nova/objects/image_meta.py). {@code diskFormat} is what the image is
 * declared to be; the inspector compares it with what the bytes say.
 *
 * @param size size of the file in bytes, when known
 * @param minDisk GiB
 * @param minRam MiB
 * @param properties image properties ({@code hw_disk_bus}), values as text
 */
public record ImageMeta(
        @Nullable String id,
        @Nullable String name,
        @Nullable String diskFormat,
        @Nullable String containerFormat,
        @Nullable Long size,
        int minDisk,
        int minRam,
        Map<String, String> properties) {
    public ImageMeta {
        properties = Map.copyOf(properties);
    }
}
