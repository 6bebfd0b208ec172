package org.novabridge.driver.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.SerialConsoleOptions;

/**
 * TCP ports of {@code [serial_console]port_range} that nobody listens on (nova/console/serial.py 26.2.2,
 * acquire_port: from the first port up to, and without, the last one; a port is free when it can be
 * bound). Between the choice of a port and the moment when QEMU binds it, the port is kept for its
 * instance. Safe for use by many threads.
 */
public final class SerialPorts {
    /** The most that one guest may have: QEMU's ISA bus has four, and Nova leaves one of them free. */
    public static final int PER_GUEST = 3;

    /** Longer than a guest takes from its plan to its start. */
    private static final Duration KEPT = Duration.ofMinutes(2);

    private static final int LARGEST = 65535;
    private static final int[] USUAL_RANGE = {10000, 20000};

    private final Clock clock;
    private final Map<String, Choice> choices = new HashMap<>();

    private record Choice(String address, List<Integer> ports, Instant until) {}

    public SerialPorts(Clock clock) {
        this.clock = clock;
    }

    /** The first free ports, for nobody in particular; none when the address is not this host's. */
    static List<String> free(ConfigSnapshot config) {
        return texts(look(config, Set.of()));
    }

    /**
     * Ports for an instance, kept for it for some minutes. What was chosen for it before stays when it
     * is still free; when the range is used up, also when it is bound: by the guest itself, which is about to stop.
     *
     * @return up to {@link #PER_GUEST} ports; fewer when the range has no more
     */
    public synchronized List<String> choose(String uuid, ConfigSnapshot config) {
        Instant now = clock.instant();
        String address = config.get(SerialConsoleOptions.PROXYCLIENT_ADDRESS);
        Choice before = choices.remove(uuid);
        choices.values().removeIf(choice -> choice.until().isBefore(now));
        Set<Integer> others = choices.values().stream()
                .filter(choice -> choice.address().equals(address))
                .flatMap(choice -> choice.ports().stream())
                .collect(Collectors.toSet());
        List<Integer> ports = look(config, others);
        if (before != null
                && before.address().equals(address)
                && before.ports().size() >= ports.size()
                && (ports.size() < PER_GUEST || bindable(before))) {
            ports = before.ports();
        }
        choices.put(uuid, new Choice(address, ports, now.plus(KEPT)));
        return texts(ports);
    }

    private static boolean bindable(Choice choice) {
        return choice.ports().stream().allMatch(port -> bindable(choice.address(), port));
    }

    private static List<Integer> look(ConfigSnapshot config, Set<Integer> taken) {
        String address = config.get(SerialConsoleOptions.PROXYCLIENT_ADDRESS);
        List<Integer> found = new ArrayList<>();
        // Of an address that is not this host's no port can be bound: one try tells, as Nova's thousands do.
        if (!bindable(address, 0)) {
            return found;
        }
        int[] range = range(config.get(SerialConsoleOptions.PORT_RANGE));
        for (int port = range[0]; port < range[1] && found.size() < PER_GUEST; port++) {
            if (!taken.contains(port) && bindable(address, port)) {
                found.add(port);
            }
        }
        return found;
    }

    /** First port, and the one after the last; a range that is none is replaced by the usual one, as in Nova. */
    private static int[] range(String written) {
        String[] ends = written.split(":", -1);
        int first = number(ends[0]);
        int end = number(ends[1]);
        return first < end ? new int[] {Math.max(1, first), end} : USUAL_RANGE;
    }

    private static int number(String digits) {
        return digits.length() > 5 ? LARGEST + 1 : Math.min(Integer.parseInt(digits), LARGEST + 1);
    }

    private static boolean bindable(String address, int port) {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> texts(List<Integer> ports) {
        return ports.stream().map(String::valueOf).toList();
    }
}
