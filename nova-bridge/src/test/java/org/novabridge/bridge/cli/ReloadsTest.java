package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReloadsTest {
    @Test
    void whatIsOrderedBeforeTheBridgeServesIsDoneWhenItDoes() throws Exception {
        AtomicInteger done = new AtomicInteger();
        try (Reloads reloads = new Reloads()) {
            Future<?> early = reloads.order();
            assertThat(early).isNotDone();
            reloads.by(done::incrementAndGet);
            early.get(20, TimeUnit.SECONDS);
            assertThat(done).hasValue(1);
            reloads.order().get(20, TimeUnit.SECONDS);
            assertThat(done).hasValue(2);
        }
    }

    @Test
    void aStartThatFailsWaitsForNoOrder() {
        Future<?> early;
        try (Reloads reloads = new Reloads()) {
            early = reloads.order();
        }
        assertThat(early).failsWithin(20, TimeUnit.SECONDS);
    }
}
