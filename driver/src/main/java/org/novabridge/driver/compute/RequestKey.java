package org.novabridge.driver.compute;

import org.jspecify.annotations.Nullable;

/**
 * An {@code Idempotency-Key}: the same key repeats the answer instead of the work, for
 * {@code idempotency_keep_hours} and across restarts; the same key with another hash is refused with KEY_REUSED.
 *
 * @param key the caller's key; null when it gave none
 * @param requestHash a hash of what was asked (method, path, body); null when there is no key
 */
public record RequestKey(@Nullable String key, @Nullable String requestHash) {
    /** The caller gave none. */
    public static final RequestKey NONE = new RequestKey(null, null);
}
