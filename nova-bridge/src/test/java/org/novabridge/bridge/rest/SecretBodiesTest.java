package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.compute.Caller;
import org.novabridge.driver.compute.InstanceService;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** A body that is a secret is zeroed whatever is wrong with the request. */
class SecretBodiesTest {
    private static final String UUID = "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01";

    private final byte[] body = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final InstanceActions actions = new InstanceActions(
            (InstanceService) Proxy.newProxyInstance(
                    InstanceService.class.getClassLoader(),
                    new Class<?>[] {InstanceService.class},
                    (proxy, method, arguments) -> {
                        throw new BridgeException(ErrorCode.TOO_MANY_OPERATIONS, "told to refuse");
                    }),
            json -> {
                throw new AssertionError("it is no spec");
            },
            new Caller(Caller.Role.OPERATOR, 0, "root"));

    @Test
    void ofAVolumesKeyForABadUuid() {
        refusedAndZeroed(() -> actions.bringVolumeKey("NOT-A-UUID", "v-1", body), ErrorCode.INVALID_REQUEST);
    }

    @Test
    void ofARequestWithABadUuid() {
        refusedAndZeroed(() -> actions.setPassword("NOT-A-UUID", body, "k"), ErrorCode.INVALID_REQUEST);
    }

    @Test
    void ofAKeyForABadUuid() {
        refusedAndZeroed(() -> actions.bringKey("NOT-A-UUID", null, body), ErrorCode.INVALID_REQUEST);
    }

    @Test
    void ofARequestWithABadIdempotencyKey() {
        refusedAndZeroed(() -> actions.setPassword(UUID, body, "two words"), ErrorCode.INVALID_REQUEST);
    }

    @Test
    void ofARequestThatTheDriverRefuses() {
        refusedAndZeroed(() -> actions.setPassword(UUID, body, "k"), ErrorCode.TOO_MANY_OPERATIONS);
    }

    @Test
    void ofAKeyThatTheDriverRefuses() {
        refusedAndZeroed(() -> actions.bringKey(UUID, "disk", body), ErrorCode.TOO_MANY_OPERATIONS);
    }

    private void refusedAndZeroed(ThrowingCallable request, ErrorCode code) {
        assertThatThrownBy(request)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(body).containsOnly(0);
    }
}
