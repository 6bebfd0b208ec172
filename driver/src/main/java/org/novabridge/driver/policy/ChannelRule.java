package org.novabridge.driver.policy;

import java.util.Optional;
import org.novabridge.conf.SpiceOptions;
import org.novabridge.driver.model.GuestDevice;

/** Channels of the SPICE agent and of QEMU's guest agent (driver.py 26.2.2). */
final class ChannelRule {
    private static final String AGENT = "org.qemu.guest_agent.0";

    private ChannelRule() {}

    static Optional<GuestDevice> spice(GuestContext guest) {
        boolean agent =
                guest.config().get(SpiceOptions.ENABLED) && guest.config().get(SpiceOptions.AGENT_ENABLED);
        return agent ? Optional.of(new GuestDevice.Channel("spicevmc", null, "com.redhat.spice.0")) : Optional.empty();
    }

    /** Only the image can say that an agent is inside. */
    static Optional<GuestDevice> guestAgent(GuestContext guest) {
        if (!guest.image().flag("hw_qemu_guest_agent").orElse(false)) {
            return Optional.empty();
        }
        String socket =
                "/var/lib/libvirt/qemu/" + AGENT + "." + guest.instance().name() + ".sock";
        return Optional.of(new GuestDevice.Channel("unix", socket, AGENT));
    }
}
