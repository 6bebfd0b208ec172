package org.novabridge.driver.host.tuning;

/** How much a finding matters; the worst decides how {@code host check} ends. */
public enum Severity {
    /** As it should be. */
    OK,
    /** Good to know; nothing is wrong. */
    NOTE,
    /** It cannot be seen, and the reason is said; never taken for good or bad. */
    UNKNOWN,
    /** Guests run, but slower, less safely, or not after the next boot. */
    WARNING,
    /** Guests do not start, or what the configuration asks for cannot work. */
    UNUSABLE
}
