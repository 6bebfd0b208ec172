package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.hypervisor.GuestState;

/** The clock of a guest that stood still stood still with it. */
class GuestClockTest extends OneHost {
    private static final Function<ComputeNode, Operation> PAUSE = node -> node.pause(OPERATOR, UUID_A, RequestKey.NONE);
    private static final Function<ComputeNode, Operation> UNPAUSE =
            node -> node.unpause(OPERATOR, UUID_A, RequestKey.NONE);
    private static final Function<ComputeNode, Operation> SUSPEND =
            node -> node.suspend(OPERATOR, UUID_A, RequestKey.NONE);
    private static final Function<ComputeNode, Operation> RESUME =
            node -> node.resume(OPERATOR, UUID_A, RequestKey.NONE);

    @BeforeEach
    void aGuest() {
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
    }

    @Test
    void aGuestThatBootsReadsItsClockItself() {
        assertThat(host.clocks).isEmpty();
    }

    @Test
    void itIsSetWhenAPausedGuestGoesOn() {
        done(PAUSE);
        assertThat(host.clocks).isEmpty();
        done(UNPAUSE);
        assertThat(host.clocks).containsKey(UUID_A);
    }

    @Test
    void itIsSetWhenASuspendedGuestIsBack() {
        done(SUSPEND);
        done(RESUME);
        assertThat(host.clocks).containsKey(UUID_A);
    }

    @Test
    void aGuestWithoutAnAgentGoesOnAllTheSame() {
        host.hasAgent = false;
        done(PAUSE);
        done(UNPAUSE);
        done(SUSPEND);
        done(RESUME);
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        assertThat(host.clocks).isEmpty();
    }
}
