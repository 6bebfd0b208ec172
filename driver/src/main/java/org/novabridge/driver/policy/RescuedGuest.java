package org.novabridge.driver.policy;

import org.novabridge.driver.model.BlockDeviceInfo;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.RescueSpec;

/**
 * What the rules see of a guest that is rescued: with the properties of the rescue image, and without block devices. In a
 * stable rescue the guest is seen as it always is.
 *
 * <p>Source: nova/virt/libvirt/driver.py 26.2.2, rescue.
 */
final class RescuedGuest {
    private RescuedGuest() {}

    /** @throws BridgeException INSTANCE_NOT_RESCUABLE for a guest whose root disk is a volume: it would not be among the disks */
    static InstanceSpec seen(InstanceSpec spec) {
        RescueSpec rescue = spec.rescue();
        if (rescue == null || rescue.stable()) {
            return spec;
        }
        boolean bootsFromVolume = spec.blockDeviceInfo().volumes().stream()
                .anyMatch(volume -> Integer.valueOf(0).equals(volume.bootIndex()));
        if (bootsFromVolume && spec.blockDeviceInfo().image().isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_NOT_RESCUABLE,
                    "the root disk of the instance is a volume, and only a stable rescue gives the guest its volumes",
                    "use a rescue image with the property " + RescueSpec.DEVICE + " or " + RescueSpec.BUS);
        }
        return spec.with(rescue.imageMeta(), BlockDeviceInfo.NONE);
    }
}
