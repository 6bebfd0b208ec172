package org.novabridge.bridge.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;

import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.core.Response;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.novabridge.driver.model.ErrorCode;

class BackgroundTest {
    /** The shim asks again on this code, and on no other of a 503. */
    @Test
    void whatFindsNoRoomIsRefusedAsBusyAndWhatHasRoomIsAnswered() {
        CountDownLatch libvirtHangs = new CountDownLatch(1);
        AsyncResponse taken = mock(AsyncResponse.class);
        AsyncResponse refused = mock(AsyncResponse.class);
        try (Background background = new Background()) {
            for (int i = 0; i < Background.THREADS + Background.WAITING; i++) {
                background.answer(taken, () -> {
                    libvirtHangs.await();
                    return "answer";
                });
            }
            background.answer(refused, () -> "never");
            verify(taken, never()).resume(any(Object.class));
            ArgumentCaptor<Object> said = ArgumentCaptor.forClass(Object.class);
            verify(refused).resume(said.capture());
            Response answer = (Response) said.getValue();
            assertThat(answer.getStatus()).isEqualTo(503);
            assertThat(((ProblemBody) answer.getEntity()).code()).isEqualTo(ErrorCode.TOO_MANY_OPERATIONS);
            libvirtHangs.countDown();
            verify(taken, timeout(20_000).times(Background.THREADS + Background.WAITING))
                    .resume((Object) "answer");
        }
    }
}
