package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.SerialConsoleOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.GuestDevice;
import org.novabridge.driver.model.HostFact;

/**
 * Serial ports (driver.py 26.2.2, _create_consoles_qemu_kvm): one pseudo terminal, or TCP ports when the
 * serial console is enabled. The first one writes console.log.
 */
final class ConsoleRule {
    /** QEMU's ISA bus has four, and Nova leaves one of them free. */
    private static final int MAX_PORTS = 3;

    private ConsoleRule() {}

    /**
     * @throws BridgeException INVALID_HARDWARE_VALUE for a bad number of ports;
     *     SERIAL_PORTS_EXHAUSTED when fewer TCP ports are free than the guest needs; INVALID_CONFIGURATION
     *     when nobody could look for them
     */
    static List<GuestDevice> decide(GuestContext guest) {
        String log = guest.config().get(DefaultOptions.INSTANCES_PATH) + "/"
                + guest.instance().uuid() + "/console.log";
        if (!guest.config().get(SerialConsoleOptions.ENABLED)) {
            return List.of(new GuestDevice.SerialPort(null, log));
        }
        int count = count(guest);
        List<Integer> free = guest.facts().texts(HostFact.FREE_SERIAL_PORTS).stream()
                .map(Integer::valueOf)
                .toList();
        String host = guest.config().get(SerialConsoleOptions.PROXYCLIENT_ADDRESS);
        if (free.size() < count) {
            throw new BridgeException(
                    ErrorCode.SERIAL_PORTS_EXHAUSTED,
                    "[serial_console]enabled: the guest needs " + count + " TCP port(s) on " + host
                            + ", and of port_range "
                            + guest.config().get(SerialConsoleOptions.PORT_RANGE) + " ("
                            + guest.config()
                                    .resolve(SerialConsoleOptions.PORT_RANGE)
                                    .origin()
                                    .describe()
                            + ") " + free.size() + " are free",
                    "widen port_range, and see that proxyclient_address is an address of this host");
        }
        List<GuestDevice> ports = new ArrayList<>();
        for (int port = 0; port < count; port++) {
            ports.add(
                    new GuestDevice.SerialPort(new GuestDevice.Endpoint(host, free.get(port)), port == 0 ? log : null));
        }
        return ports;
    }

    private static int count(GuestContext guest) {
        int flavor = guest.extraNumber("hw:serial_port_count");
        int image = guest.image().number("hw_serial_port_count");
        if (flavor != 0 && image > flavor) {
            throw refused("image property hw_serial_port_count = " + image + " exceeds the flavor's " + flavor);
        }
        int count = image != 0 ? image : flavor;
        if (count > MAX_PORTS) {
            throw refused("a guest may have " + MAX_PORTS + " serial ports, not " + count);
        }
        return count == 0 ? 1 : count;
    }

    private static BridgeException refused(String why) {
        return new BridgeException(
                ErrorCode.INVALID_HARDWARE_VALUE,
                "Serial ports: " + why,
                "Correct hw:serial_port_count of the flavor or hw_serial_port_count of the image.");
    }
}
