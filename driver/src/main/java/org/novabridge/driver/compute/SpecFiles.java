package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.storage.CachedImage;

/** The files that a spec speaks of, taken over from the exchange folder and checked. */
interface SpecFiles {

    /**
     * An image, from the cache or filled into it.
     *
     * @param file name of it in the exchange folder of the instance; null when it must be in the cache
     * @param rootGb GiB that it may not exceed; 0 for no limit
     * @throws BridgeException IMAGE_NOT_FOUND, IMAGE_UNACCEPTABLE …
     */
    CachedImage image(ImageMeta image, @Nullable String file, int rootGb, Steps steps);

    /** An image that is in the cache; it counts as used now. */
    Optional<CachedImage> cached(String imageId);

    /**
     * The config drive: a copy that is root's own. What was handed over stays where it is, so that a request that comes back with
     * its key after a crash finds it again.
     *
     * @param file name of it in the exchange folder of the instance
     * @throws BridgeException INVALID_REQUEST when the request names none
     */
    Path configDrive(@Nullable String file, Steps steps);

    /** Removes what was taken over for the instance and is not needed any more. */
    void discard(String instance);
}
