package org.novabridge.driver.policy;

import java.util.Map;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.RescueSpec;

/**
 * Which image a guest is rescued with: the one that is asked for; else {@code rescue_image_id}; else the guest's own. Of
 * {@code rescue_image_id} no more than the id is known here, so it must be in the cache.
 *
 * <p>Source: nova/virt/libvirt/driver.py 26.2.2, rescue.
 */
public final class RescueImageRule {
    private RescueImageRule() {}

    /** The rescue of an instance with its image decided. */
    public static RescueSpec decide(ConfigSnapshot config, InstanceSpec spec, RescueSpec asked) {
        if (asked.imageMeta().id() != null) {
            return asked;
        }
        ImageMeta image = config.find(LibvirtOptions.RESCUE_IMAGE_ID)
                .filter(id -> !id.isEmpty())
                .map(id -> new ImageMeta(id, null, null, null, null, 0, 0, Map.of()))
                .orElse(spec.imageMeta());
        return new RescueSpec(
                image, asked.imageFile(), asked.configDriveFile(), asked.kernelFile(), asked.ramdiskFile());
    }
}
