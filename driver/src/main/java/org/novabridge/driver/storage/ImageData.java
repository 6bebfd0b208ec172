package org.novabridge.driver.storage;

import java.io.IOException;
import java.util.Optional;
import org.novabridge.driver.storage.DiskStreams.Allocation;
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
        return holes(image)
                .map(file -> Math.min(file.bytes(), image.virtualSize()))
                .orElse(0L);
    }

    /** Where a disk of the image holds something at most: of a raw file, where it is no hole. */
    public static Allocation where(CachedImage image) {
        return Optional.of(image)
                .filter(raw -> raw.format().equals("raw"))
                .flatMap(ImageData::holes)
                .orElse(Allocation.everywhere(image.virtualSize()));
    }

    private static Optional<Allocation> holes(CachedImage image) {
        try (HeldFile file = HeldFile.regular(image.base())) {
            return Optional.of(FileHoles.of(file));
        } catch (IOException e) {
            LOG.debug("the holes of {} are not known", image.base(), e);
            return Optional.empty();
        }
    }
}
