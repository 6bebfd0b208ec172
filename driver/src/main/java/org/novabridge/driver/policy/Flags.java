package org.novabridge.driver.policy;

import java.util.Locale;
import java.util.Set;

/** Switches in extra specs and image properties, as oslo.utils reads them when it is not strict. */
final class Flags {
    private static final Set<String> ON = Set.of("1", "t", "true", "on", "y", "yes");

    private Flags() {}

    /** Everything that is not on is off. */
    static boolean parse(String text) {
        return ON.contains(text.strip().toLowerCase(Locale.ROOT));
    }
}
