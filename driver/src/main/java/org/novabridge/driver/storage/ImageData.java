package org.novabridge.driver.storage;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How much of a disk an image fills. */
public final class ImageData {
    private static final Logger LOG = LoggerFactory.getLogger(ImageData.class);

    private ImageData() {}

    /**
     * Bytes that a copy of the image takes at least, holes left out: what its file takes. A compressed one grows beyond
     * that. Zero when the file cannot be looked at; whoever reads it says why.
     */
    public static long least(CachedImage image) {
        try (HeldFile file = HeldFile.regular(image.base())) {
            return Math.min(FileHoles.of(file).bytes(), image.virtualSize());
        } catch (IOException e) {
            LOG.debug("the size of {} is not known", image.base(), e);
            return 0;
        }
    }
}
