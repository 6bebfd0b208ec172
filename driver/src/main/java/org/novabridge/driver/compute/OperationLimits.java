package org.novabridge.driver.compute;

import java.time.Duration;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;

/**
 * How many operations there may be.
 *
 * @param waiting most that have not begun yet; a request beyond it is refused
 * @param kept how long an ended one, and with it the answer to its {@code Idempotency-Key}, is kept
 * @param keptCount most ended ones that are kept; the oldest go first
 */
record OperationLimits(int waiting, Duration kept, int keptCount) {

    static OperationLimits of(ConfigSnapshot today) {
        return new OperationLimits(
                today.get(BridgeOptions.MAX_WAITING_OPERATIONS),
                Duration.ofHours(today.get(BridgeOptions.IDEMPOTENCY_KEEP_HOURS)),
                today.get(BridgeOptions.IDEMPOTENCY_MAX_KEYS));
    }
}
