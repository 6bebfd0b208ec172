package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.Optional;
import org.novabridge.driver.model.InstanceSpec;

/**
 * How long a guest gets to shut down: what its image says, since only the image's maker knows, else the
 * option (nova/compute/manager.py 26.2.2, {@code _get_power_off_values}). Whoever says it, it ends at an hour: a tenant
 * writes the image's word, which Nova passes on as it is, and a wait holds one of {@code max_concurrent_operations}.
 */
final class ShutdownTimeout {
    private static final String PROPERTY = "os_shutdown_timeout";
    private static final Duration LONGEST = Duration.ofHours(1);

    private ShutdownTimeout() {}

    static Duration of(Optional<InstanceSpec> spec, Duration option) {
        return bounded(spec.flatMap(ShutdownTimeout::image).orElse(option));
    }

    /** The next one that is allowed; a negative one is none, as in Nova's own driver. */
    static Duration bounded(Duration wanted) {
        if (wanted.isNegative()) {
            return Duration.ZERO;
        }
        return wanted.compareTo(LONGEST) > 0 ? LONGEST : wanted;
    }

    /** Empty when the image says nothing, or nothing that is a number, as in Nova. */
    private static Optional<Duration> image(InstanceSpec spec) {
        try {
            return Optional.of(Duration.ofSeconds(
                    Long.parseLong(spec.imageProperty(PROPERTY).strip())));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
