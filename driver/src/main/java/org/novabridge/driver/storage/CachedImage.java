package org.novabridge.driver.storage;

import java.nio.file.Path;

/**
 * An image in the cache, inspected and safe to use.
 *
 * @param base {@code <instances_path>/_base/<sha1 of the image id>}
 * @param format raw or qcow2: what the base file is, fixed when it was cached
 * @param virtualSize bytes the guest will see
 */
public record CachedImage(String imageId, Path base, String format, long virtualSize) {}
