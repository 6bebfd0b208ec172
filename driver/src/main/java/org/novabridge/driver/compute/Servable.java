package org.novabridge.driver.compute;

import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.ImageBackends;

/** What a configuration may say without an error that the service cannot do, at the start and at a reload alike. */
final class Servable {
    private Servable() {}

    /**
     * @throws BridgeException INVALID_CONFIGURATION when guests cannot be made with it
     */
    static void check(ConfigSnapshot config) {
        if (ImageBackends.nameOf(config).equals("rbd")) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[libvirt]images_type=rbd can be rendered and explained, but not served yet",
                    "use raw, qcow2 or lvm");
        }
    }
}
