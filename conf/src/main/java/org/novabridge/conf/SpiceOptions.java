package org.novabridge.conf;

/** {@code [spice]} (Nova: conf/spice.py, Zed unless marked). */
public final class SpiceOptions {
    static final OptionSection SECTION = new OptionSection("spice", "SPICE consoles of guests.");
    private static final String LATER = "a later Nova's option; the console is Zed's";

    public static final Option<Boolean> ENABLED = SECTION.bool("enabled", false).active("Guests have a SPICE console.");
    public static final Option<Boolean> AGENT_ENABLED =
            SECTION.bool("agent_enabled", true).active("Guests have the channel of the SPICE agent.");
    public static final Option<String> SERVER_LISTEN =
            SECTION.text("server_listen", "127.0.0.1").active("Address on which the guest's SPICE server listens.");
    public static final Option<String> SERVER_PROXYCLIENT_ADDRESS = SECTION.text(
                    "server_proxyclient_address", "127.0.0.1")
            .notActedOn("SPICE consoles are not built yet", "Address by which the proxy reaches this host.");
    public static final Option<String> IMAGE_COMPRESSION = SECTION.choiceOrNone(
                    "image_compression", "auto_glz", "auto_lz", "quic", "glz", "lz", "off")
            .since("27")
            .notActedOn(LATER, "Image compression of the SPICE server.");
    public static final Option<String> JPEG_COMPRESSION = SECTION.choiceOrNone(
                    "jpeg_compression", "auto", "never", "always")
            .since("27")
            .notActedOn(LATER, "JPEG compression over wide networks.");
    public static final Option<String> ZLIB_COMPRESSION = SECTION.choiceOrNone(
                    "zlib_compression", "auto", "never", "always")
            .since("27")
            .notActedOn(LATER, "zlib compression over wide networks.");
    public static final Option<Boolean> PLAYBACK_COMPRESSION =
            SECTION.bool("playback_compression", true).since("27").notActedOn(LATER, "Compression of sound.");
    public static final Option<String> STREAMING_MODE = SECTION.choiceOrNone("streaming_mode", "filter", "all", "off")
            .since("27")
            .notActedOn(LATER, "Which moving pictures are streamed.");
    public static final Option<Boolean> REQUIRE_SECURE =
            SECTION.bool("require_secure", false).since("31").notActedOn(LATER, "Only encrypted channels.");

    private SpiceOptions() {}
}
