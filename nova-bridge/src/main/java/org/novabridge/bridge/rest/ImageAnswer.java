package org.novabridge.bridge.rest;

import org.novabridge.driver.storage.CacheEntry;

/**
 * An image of the cache.
 *
 * @param image its id
 * @param format of its base file: raw or qcow2
 * @param virtualSize bytes that a guest sees
 * @param used when it was last looked for
 */
record ImageAnswer(String image, String format, long virtualSize, String base, String used) {
    static ImageAnswer of(CacheEntry entry) {
        return new ImageAnswer(
                entry.image().imageId(),
                entry.image().format(),
                entry.image().virtualSize(),
                entry.image().base().toString(),
                entry.used().toString());
    }
}
