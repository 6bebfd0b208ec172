package org.novabridge.conf;

import java.util.List;
import org.novabridge.conf.Option.Actor;

/** {@code [vnc]} (Nova: conf/vnc.py, Zed). */
public final class VncOptions {
    static final OptionSection SECTION = new OptionSection("vnc", "VNC consoles of guests.");

    public static final Option<Boolean> ENABLED =
            SECTION.bool("enabled", true).oldName("DEFAULT", "vnc_enabled").active("Guests have a VNC console.");
    public static final Option<String> SERVER_LISTEN =
            SECTION.address("server_listen", "127.0.0.1").active("Address on which the guest's VNC server listens.");
    public static final Option<String> SERVER_PROXYCLIENT_ADDRESS = SECTION.text(
                    "server_proxyclient_address", "127.0.0.1")
            .actedOnBy(Actor.SHIM, "Address by which the proxy reaches this host.");
    public static final Option<List<String>> AUTH_SCHEMES = SECTION.list("auth_schemes", "none")
            .actedOnBy(Actor.CONSOLE_PROXY, "Ways of authentication between proxy and guest: vencrypt, none.");

    private VncOptions() {}
}
