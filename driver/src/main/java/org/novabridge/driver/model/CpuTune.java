package org.novabridge.driver.model;

import org.jspecify.annotations.Nullable;

/**
 * The CPU share of a guest; null leaves a value to the host.
 *
 * @param shares relative weight
 * @param quota microseconds per period; -1 is no limit
 * @param period microseconds
 */
public record CpuTune(
        @Nullable Long shares,
        @Nullable Long quota,
        @Nullable Long period) {}
