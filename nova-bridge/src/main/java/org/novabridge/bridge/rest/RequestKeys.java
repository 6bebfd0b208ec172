package org.novabridge.bridge.rest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.RequestKey;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Sha256;

/** {@code Idempotency-Key} of a request. */
final class RequestKeys {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

    private RequestKeys() {}

    /**
     * The key with a hash of all that was asked, so that a key used for something else is noticed.
     *
     * @param key null when the request has none
     * @param subject what it was asked of; empty when the body says it
     * @throws BridgeException INVALID_REQUEST when it is no key
     */
    static RequestKey of(@Nullable String key, String action, String subject, byte[] body) {
        if (key == null) {
            return RequestKey.NONE;
        }
        if (!KEY.matcher(key).matches()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "Idempotency-Key must be 1 to 255 visible ASCII characters",
                    "See the reference of the REST interface.");
        }
        MessageDigest digest = Sha256.begin();
        digest.update((action + " " + subject + "\n").getBytes(StandardCharsets.UTF_8));
        digest.update(body);
        return new RequestKey(key, Sha256.hex(digest));
    }
}
