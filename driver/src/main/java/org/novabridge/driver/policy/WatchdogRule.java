package org.novabridge.driver.policy;

import java.util.Optional;
import java.util.Set;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestDevice;

/** The watchdog: the image's wish before the flavor's (driver.py 26.2.2, _guest_add_watchdog_action). */
final class WatchdogRule {
    private static final Set<String> ACTIONS = Set.of("none", "pause", "poweroff", "reset");

    private WatchdogRule() {}

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE for an action that is not known
     */
    static Optional<GuestDevice> decide(GuestContext guest) {
        String flavor = guest.extraSpec("hw:watchdog_action")
                .filter(text -> !text.isEmpty())
                .orElse("disabled");
        String action = guest.image().find("hw_watchdog_action").orElse(flavor);
        if (action.equals("disabled")) {
            return Optional.empty();
        }
        if (!ACTIONS.contains(action)) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    "Extra spec hw:watchdog_action has the value '" + Quoted.text(action) + "'",
                    "Use none, pause, poweroff, reset or disabled.");
        }
        return Optional.of(new GuestDevice.Watchdog(action));
    }
}
