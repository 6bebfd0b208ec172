package org.novabridge.driver.compute;

import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.Flavor;

/**
 * Where an instance is to go.
 *
 * @param host name or address of the other host, as ssh knows it
 * @param flavor that it is to have there; null keeps its own
 * @param dryRun only whether the other host would take it
 */
public record MigrationRequest(String host, @Nullable Flavor flavor, boolean dryRun) {}
