package org.novabridge.driver.compute;

import java.nio.file.Path;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.CachedImage;

/** The files that a spec speaks of, taken over from the exchange folder and checked. */
interface SpecFiles {

    /**
     * The image of the instance, from the cache or filled into it.
     *
     * @throws BridgeException IMAGE_NOT_FOUND, IMAGE_UNACCEPTABLE …
     */
    CachedImage image(InstanceSpec spec, Steps steps);

    /**
     * The config drive, root's own now.
     *
     * @throws BridgeException INVALID_REQUEST when the spec names none
     */
    Path configDrive(InstanceSpec spec, Steps steps);

    /** Removes what was taken over for the instance and is not needed any more. */
    void discard(String instance);
}
