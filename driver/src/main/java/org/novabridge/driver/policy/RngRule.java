package org.novabridge.driver.policy;

import java.util.Optional;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestDevice;
import org.novabridge.driver.model.HostFact;

/** The random number device: there unless the flavor forbids it (driver.py 26.2.2, _add_rng_device). */
final class RngRule {
    private RngRule() {}

    /**
     * @throws BridgeException RNG_DEVICE_NOT_EXIST when the configured source is not on this host
     */
    static Optional<GuestDevice> decide(GuestContext guest) {
        if (!guest.extraFlag("hw_rng:allowed").orElse(true)) {
            return Optional.empty();
        }
        int bytes = guest.extraNumber("hw_rng:rate_bytes");
        int period = guest.extraNumber("hw_rng:rate_period");
        GuestDevice.RngRate rate = bytes != 0 && period != 0 ? new GuestDevice.RngRate(bytes, period) : null;
        String path = guest.config().get(LibvirtOptions.RNG_DEV_PATH);
        if (!path.isEmpty()
                && guest.facts().has(HostFact.RNG_DEVICE)
                && !guest.facts().is(HostFact.RNG_DEVICE)) {
            throw new BridgeException(
                    ErrorCode.RNG_DEVICE_NOT_EXIST,
                    "[libvirt]rng_dev_path = " + Quoted.text(path) + " does not exist on this host",
                    "Set rng_dev_path to an existing device, as /dev/urandom.");
        }
        return Optional.of(new GuestDevice.Rng(path, rate));
    }
}
