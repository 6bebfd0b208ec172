package org.novabridge.driver.compute;

import java.util.Locale;
import java.util.Set;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;

/**
 * What the image says of the agent in its guests (nova/virt/libvirt/driver.py 26.2.2, {@code _can_quiesce} and
 * {@code _requires_quiesce}).
 *
 * @param expected there is one: file systems can be frozen for a snapshot
 * @param required a snapshot without frozen file systems is of no use ({@code os_require_quiesce})
 */
record GuestAgent(boolean expected, boolean required) {
    /** What oslo.utils takes for true. */
    private static final Set<String> TRUE = Set.of("1", "t", "true", "on", "y", "yes");

    static GuestAgent of(InstanceSpec spec) {
        return new GuestAgent(flag(spec, "hw_qemu_guest_agent"), flag(spec, "os_require_quiesce"));
    }

    /** @throws BridgeException GUEST_AGENT_NOT_ENABLED when the image names none */
    void demand(String uuid) {
        if (!expected) {
            throw new BridgeException(
                    ErrorCode.GUEST_AGENT_NOT_ENABLED,
                    "the image of instance " + uuid + " names no agent in its guests (hw_qemu_guest_agent)",
                    "set hw_qemu_guest_agent = yes on the image, install qemu-guest-agent in it, and build the guest"
                            + " from it");
        }
    }

    /**
     * An agent of a guest that stands still would be waited for in vain.
     *
     * @param what it is asked for, in words
     * @throws BridgeException INSTANCE_NOT_RUNNING
     */
    static void demandRunning(Hypervisor hypervisor, String uuid, String what) {
        if (hypervisor
                .find(uuid)
                .filter(guest -> guest.state() == GuestState.RUNNING)
                .isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_NOT_RUNNING,
                    "guest " + uuid + " does not run, so its agent cannot " + what,
                    "start it, or let it go on");
        }
    }

    private static boolean flag(InstanceSpec spec, String property) {
        return TRUE.contains(spec.imageProperty(property).strip().toLowerCase(Locale.ROOT));
    }
}
