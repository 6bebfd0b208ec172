package org.novabridge.driver.compute;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.Flavor;

/**
 * Where an instance is to go.
 *
 * @param host name or address of the other host, as ssh knows it
 * @param flavor that it is to have there; null keeps its own
 * @param dryRun only whether the other host would take it
 * @param held how it is held for who starts it there; null when the bridges start it
 */
public record MigrationRequest(
        String host,
        @Nullable Flavor flavor,
        boolean dryRun,
        @Nullable Held held) {

    /**
     * Nova's way: the caller connects volumes and plugs ports on the other host, and starts the guest with them. Its volumes
     * do not travel; and whatever fails before the guest has gone is a refusal, since it is here then as it was.
     *
     * @param timeout how long the guest may take to shut down; null for what its image or the configuration says
     * @param retryInterval how often it is asked to; null for the configuration's
     */
    public record Held(@Nullable Duration timeout, @Nullable Duration retryInterval) {}
}
