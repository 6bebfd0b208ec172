package org.novabridge.driver.policy;

import java.util.Optional;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.GuestDevice;

/** The memory balloon, unless its statistics are switched off (driver.py 26.2.2, _guest_add_memory_balloon). */
final class BalloonRule {
    private BalloonRule() {}

    static Optional<GuestDevice> decide(GuestContext guest) {
        int period = guest.config().get(LibvirtOptions.MEM_STATS_PERIOD_SECONDS);
        return period > 0 ? Optional.of(new GuestDevice.Balloon(period)) : Optional.empty();
    }
}
