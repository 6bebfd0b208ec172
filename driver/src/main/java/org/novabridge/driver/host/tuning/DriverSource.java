package org.novabridge.driver.host.tuning;

import java.util.List;
import org.novabridge.driver.hypervisor.GuestDriver;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Who tells which drivers a Windows guest has for its devices. */
public interface DriverSource {
    /**
     * @param uuid of a guest; it may be no domain of libvirt's
     * @throws BridgeException when nobody tells; its sentence is shown as the reason
     */
    List<GuestDriver> of(String uuid);

    /** Nobody does, and why. */
    static DriverSource none(String why) {
        return uuid -> {
            throw new BridgeException(ErrorCode.NOT_SUPPORTED, why);
        };
    }
}
