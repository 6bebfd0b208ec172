package org.novabridge.driver.model;

import org.jspecify.annotations.Nullable;

/**
 * An image and where its bytes are.
 *
 * @param imageFile name of a file in the exchange folder; null when the image is in the cache
 */
public record ImageSpec(ImageMeta imageMeta, @Nullable String imageFile) {}
