package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.Optional;
import org.novabridge.driver.model.InstanceSpec;

/**
 * How long a guest gets to shut down: what its image says, since only the image's maker knows, else the
 * option (nova/compute/manager.py 26.2.2, {@code _get_power_off_values}). The image's word ends at an
 * hour, because a tenant writes it and a wait holds one of {@code max_concurrent_operations}.
 */
final class ShutdownTimeout {
    private static final String PROPERTY = "os_shutdown_timeout";
    private static final long LONGEST_SECONDS = 3600;

    private ShutdownTimeout() {}

    static Duration of(Optional<InstanceSpec> spec, Duration option) {
        return spec.flatMap(ShutdownTimeout::image).orElse(option);
    }

    /** Empty when the image says nothing, or nothing that is a number, as in Nova. */
    private static Optional<Duration> image(InstanceSpec spec) {
        try {
            long seconds = Long.parseLong(spec.imageProperty(PROPERTY).strip());
            return Optional.of(Duration.ofSeconds(Math.max(0, Math.min(seconds, LONGEST_SECONDS))));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
