package org.novabridge.driver.compute;

import java.util.List;
import java.util.Optional;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.ImageBackend;

/** The image backends that today's configuration allows for. */
interface Backends {

    Optional<ImageBackend> find(String name);

    /** All that can be used now. */
    List<ImageBackend> all();

    /**
     * A backend that must be there.
     *
     * @throws BridgeException INVALID_CONFIGURATION when today's configuration has it no more
     */
    default ImageBackend get(String name) {
        return find(name)
                .filter(backend -> backend.capabilities().servable())
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "disks of images_type " + name + " cannot be handled with today's configuration",
                        name.startsWith("lvm")
                                ? "set [libvirt]images_volume_group to the volume group that holds them"
                                : "choose raw, qcow2 or lvm as [libvirt]images_type"));
    }
}
