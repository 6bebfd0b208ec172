package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.SpiceOptions;
import org.novabridge.conf.VncOptions;
import org.novabridge.driver.model.GuestDevice;

/**
 * Tablet and keyboard of a guest that has a display (driver.py 26.2.2, _get_pointer_bus_and_model and
 * _guest_add_keyboard_device).
 */
final class InputRule {
    private InputRule() {}

    static List<GuestDevice> decide(GuestContext guest) {
        List<GuestDevice> devices = new ArrayList<>();
        tabletBus(guest).ifPresent(bus -> devices.add(new GuestDevice.Input("tablet", bus)));
        guest.image()
                .find("hw_input_bus")
                .ifPresent(keyboardBus -> devices.add(new GuestDevice.Input("keyboard", keyboardBus)));
        return devices;
    }

    /** The bus of the tablet; empty when the guest gets none. */
    static Optional<String> tabletBus(GuestContext guest) {
        Optional<String> bus = guest.image().find("hw_input_bus");
        boolean tablet = bus.isPresent()
                || guest.image().find("hw_pointer_model").isPresent()
                || guest.config().get(DefaultOptions.POINTER_MODEL).equals("usbtablet");
        // The agent brings a mouse of its own, which spares the host the work a tablet makes.
        boolean agentMouse = guest.config().get(SpiceOptions.ENABLED)
                && guest.config().get(SpiceOptions.AGENT_ENABLED)
                && !guest.config().get(VncOptions.ENABLED);
        return tablet && !agentMouse ? Optional.of(bus.orElse("usb")) : Optional.empty();
    }
}
