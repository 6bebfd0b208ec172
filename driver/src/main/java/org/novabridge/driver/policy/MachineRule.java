package org.novabridge.driver.policy;

import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.HostFact;

/**
 * The machine type: image property, then the configured one of the architecture, then pc (utils.py
 * 26.2.2, get_machine_type); it must be one the host has.
 */
final class MachineRule {
    private static final String X86_DEFAULT = "pc";

    private MachineRule() {}

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE when the host has no such machine
     */
    static String decide(GuestContext guest) {
        String machine = guest.image().find("hw_machine_type").orElseGet(() -> configured(guest));
        if (guest.facts().has(HostFact.MACHINE_TYPES)
                && !guest.facts().texts(HostFact.MACHINE_TYPES).contains(machine)) {
            throw new BridgeException(
                    ErrorCode.INVALID_HARDWARE_VALUE,
                    "Machine type '" + Quoted.text(machine) + "' is not one of this host's",
                    "Correct image property hw_machine_type or [libvirt]hw_machine_type; see virsh capabilities.");
        }
        return machine;
    }

    private static String configured(GuestContext guest) {
        // Nova asks for the architecture of the image here, not for the emulated one.
        String arch = guest.image().find("hw_architecture").orElse(guest.hostArch());
        if (guest.config().find(LibvirtOptions.HW_MACHINE_TYPE).isPresent()) {
            for (String mapping : guest.config().get(LibvirtOptions.HW_MACHINE_TYPE)) {
                int equals = mapping.indexOf('=');
                String machine = equals < 0 ? "" : mapping.substring(equals + 1);
                if (!machine.isEmpty() && mapping.substring(0, equals).equals(arch)) {
                    return machine;
                }
            }
        }
        return X86_DEFAULT;
    }
}
