package org.novabridge.driver.compute;

import java.util.regex.Pattern;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** The names that may become an argument of ssh: of hosts, IPv4 and IPv6 addresses. Never an option, a user, a command. */
final class HostName {
    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");
    private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9A-Fa-f:]{2,39}");

    private HostName() {}

    /** @throws BridgeException INVALID_REQUEST */
    static void check(String host) {
        if (!NAME.matcher(host).matches() && !IPV6.matcher(host).matches()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "host is neither a host name nor an address",
                    "give it as ssh on this host knows it, without user and port");
        }
    }
}
