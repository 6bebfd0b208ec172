package org.novabridge.driver.storage;

import java.time.Instant;

/**
 * An image that waits in the cache.
 *
 * @param used when it was last looked for
 */
public record CacheEntry(CachedImage image, Instant used) {}
