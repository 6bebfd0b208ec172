package org.novabridge.conf;

/** {@code [serial_console]} (Nova: conf/serial_console.py, Zed). */
public final class SerialConsoleOptions {
    static final OptionSection SECTION = new OptionSection("serial_console", "Serial consoles over TCP.");

    public static final Option<Boolean> ENABLED = SECTION.bool("enabled", false)
            .active("The guest's serial port listens on a TCP port, and the console log is written beside it.");
    public static final Option<String> PORT_RANGE = SECTION.matching(
                    "port_range", "10000:20000", "^\\d+:\\d+$", "two port numbers with a colon between")
            .active("First TCP port of serial consoles, and the one after the last. A port is free when nobody"
                    + " listens on it.");
    public static final Option<String> PROXYCLIENT_ADDRESS = SECTION.text("proxyclient_address", "127.0.0.1")
            .active("Address on which the guest's serial port listens, and by which the proxy reaches it.");

    private SerialConsoleOptions() {}
}
