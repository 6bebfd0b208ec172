package org.novabridge.driver.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The guest's clock.
 *
 * @param offset utc or localtime
 */
public record GuestClock(String offset, List<ClockTimer> timers) {
    public GuestClock {
        timers = List.copyOf(timers);
    }

    /** One timer device; null leaves an attribute out. */
    public record ClockTimer(
            String name,
            @Nullable String tickPolicy,
            @Nullable Boolean present) {}
}
