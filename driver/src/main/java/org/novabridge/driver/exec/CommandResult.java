package org.novabridge.driver.exec;

import java.time.Duration;
import java.util.List;

/**
 * What a finished command left. Outputs are capped; {@code truncated} tells when something was cut.
 *
 * @param argv the command line
 * @param exitCode -1 of one that was killed and has not died, since it waits for a device
 */
public record CommandResult(
        List<String> argv, int exitCode, String stdout, String stderr, boolean truncated, Duration duration) {
    public CommandResult {
        argv = List.copyOf(argv);
    }
}
