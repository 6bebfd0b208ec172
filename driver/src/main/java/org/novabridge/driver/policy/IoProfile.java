package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.Option;
import org.novabridge.conf.Resolved;
import org.novabridge.driver.model.ValueOrigin;

/**
 * The {@code [io_profile:NAME]} that was chosen for a guest.
 *
 * @param chosenBy the extra spec or image property that names it
 * @param byImage an image chose it: it must not loosen what holds without it (design 4.4)
 */
record IoProfile(String name, ConfigSnapshot settings, ValueOrigin chosenBy, boolean byImage) {
    /** Modes with which written data lies in the host's memory, which all guests share. */
    private static final Set<String> IN_HOST_CACHE = Set.of("default", "writeback", "writethrough", "unsafe");

    /** What the profile says for an option. */
    <T> Optional<T> says(Option<T> option) {
        return settings.resolve(option).optional();
    }

    /** Where the value of an option comes from: its line, then who chose the profile. */
    List<ValueOrigin> origins(Option<?> option) {
        Resolved<?> resolved = settings.resolve(option);
        List<ValueOrigin> origins = new ArrayList<>();
        origins.add(new ValueOrigin(
                ValueOrigin.Kind.OPTION,
                "[" + IoProfileOptions.PREFIX + name + "]" + option.name(),
                resolved.origin().describe()));
        origins.add(chosenBy);
        return origins;
    }

    /** Whether the profile may bring this cache mode where the other one would hold without it. */
    boolean mayBring(String cache, String without) {
        return !byImage
                || (safety(cache) >= safety(without)
                        && (!IN_HOST_CACHE.contains(cache) || IN_HOST_CACHE.contains(without)));
    }

    /** What of the written data a power cut leaves: nothing sure, what the guest flushed, everything. */
    private static int safety(String cache) {
        return switch (cache) {
            case "unsafe" -> 0;
            case "directsync", "writethrough" -> 2;
            default -> 1;
        };
    }

    /** For explanations. */
    @Override
    public String toString() {
        return name;
    }
}
