package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** A guest that has disks and a history here, and whose ports are not ready: it is started with stopped processors. */
class PausedPowerOnTest extends OneHost {
    private static Function<ComputeNode, Operation> powerOn(boolean paused) {
        return node -> node.powerOn(NOVA, UUID_A, paused, FakeHost.spec(UUID_A), RequestKey.NONE);
    }

    private void stoppedGuest() {
        done(node -> node.prepare(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        done(node -> node.start(NOVA, UUID_A, false, RequestKey.NONE));
        done(node -> node.powerOff(NOVA, UUID_A, Duration.ZERO, Duration.ZERO, RequestKey.NONE));
    }

    private void isWhole(String where) {
        assertThat(host.definitions).as(where).containsKey(UUID_A);
        assertThat(host.left(UUID_A)).as(where).anyMatch(left -> left.contains("disk"));
    }

    @Test
    void itStandsStillUntilItsCallerLetsItRun() {
        stoppedGuest();
        done(powerOn(true));
        assertThat(host.running).containsEntry(UUID_A, GuestState.PAUSED);
        done(powerOn(true));
        assertThat(host.running).as("asked again").containsEntry(UUID_A, GuestState.PAUSED);
        done(node -> node.resume(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
    }

    @Test
    void whomADeathLeftStandingStillTheNextStartOfNovaLetsRun() {
        stoppedGuest();
        done(powerOn(true));
        done(node -> node.powerOn(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.running).as("who names no spec may have paused it").containsEntry(UUID_A, GuestState.PAUSED);
        done(powerOn(false));
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
    }

    @Test
    void oneThatFailsLeavesItStoppedWithItsDefinitionAndDisks() {
        stoppedGuest();
        host.onCall = what -> {
            if (what.equals("start")) {
                throw new BridgeException(ErrorCode.HYPERVISOR_FAILED, "libvirt went away, and had started it");
            }
        };
        failed(powerOn(true));
        assertThat(host.running).doesNotContainKey(UUID_A);
        isWhole("failed");
        host.onCall = what -> {};
        done(powerOn(false));
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
    }

    @Test
    void whereverTheBridgeDiesItIsStoppedOrStandsStillAndTheNextStartLetsItRun() {
        int places = dyingEverywhere(this::stoppedGuest, powerOn(true), where -> {
            assertThat(host.running).as(where).doesNotContainEntry(UUID_A, GuestState.RUNNING);
            isWhole(where);
            done(powerOn(false));
            assertThat(host.running).as(where).containsEntry(UUID_A, GuestState.RUNNING);
        });
        assertThat(places).isGreaterThan(10);
    }
}
