package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.Dying.quiet;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.ErrorCode;

/** Guests frozen for somebody else: however that ends, they do not stay so. */
class GuestQuiesceTest extends OneHost {
    @BeforeEach
    void guest() {
        host.imageProperties = Map.of("hw_qemu_guest_agent", "yes");
        done(node -> node.create(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.calls.clear();
    }

    private static Function<ComputeNode, Operation> quiesce() {
        return node -> node.quiesce(NOVA, UUID_A, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> unquiesce() {
        return node -> node.unquiesce(NOVA, UUID_A, RequestKey.NONE);
    }

    private void awaitThawed() throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!host.frozen.isEmpty()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(5);
        }
    }

    @Test
    void aGuestIsFrozenUntilItIsThawed() {
        assertThat(done(quiesce()).result())
                .containsEntry("frozen_file_systems", 2)
                .containsEntry("longest_seconds", 300L);
        assertThat(host.frozen).containsExactly(UUID_A);
        assertThat(life.operations().left()).isEmpty();
        assertThat(done(unquiesce()).result()).containsEntry("held", true);
        assertThat(host.frozen).isEmpty();
        assertThat(host.calls).containsExactly("freeze", "thaw");
        assertThat(done(unquiesce()).result()).containsEntry("held", false);
    }

    @Test
    void whoseImageNamesNoAgentIsNotAsked() {
        host.imageProperties = Map.of();
        assertThat(failed(quiesce()).code()).isEqualTo(ErrorCode.GUEST_AGENT_NOT_ENABLED);
        assertThat(failed(unquiesce()).code()).isEqualTo(ErrorCode.GUEST_AGENT_NOT_ENABLED);
        assertThat(host.calls).isEmpty();
    }

    @Test
    void whoStandsStillIsNotAsked() {
        host.running.put(UUID_A, GuestState.PAUSED);
        assertThat(failed(quiesce()).code()).isEqualTo(ErrorCode.INSTANCE_NOT_RUNNING);
        host.running.clear();
        assertThat(failed(quiesce()).code()).isEqualTo(ErrorCode.INSTANCE_NOT_RUNNING);
        assertThat(host.calls).isEmpty();
    }

    /** One's failure must not thaw what another is taking pictures of. */
    @Test
    void aSecondQuiesceIsRefusedAndTheFirstStays() {
        done(quiesce());
        assertThat(failed(quiesce()).code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
        assertThat(host.frozen).containsExactly(UUID_A);
    }

    @Test
    void anAgentThatFailsMayHaveFrozenSomeAndIsAskedToThaw() {
        host.failAt = "freeze";
        assertThat(failed(quiesce()).code()).isEqualTo(ErrorCode.HYPERVISOR_FAILED);
        assertThat(host.calls).containsExactly("thaw");
    }

    /** An agent that was slow to freeze is frozen all the same, a moment later. */
    @Test
    void whatCouldNotBeThawedIsNotForgotten() {
        host.failAt = "freeze|thaw";
        assertThat(failed(quiesce()).code()).isEqualTo(ErrorCode.HYPERVISOR_FAILED);
        host.frozen.add(UUID_A);
        assertThat(life.operations().left()).hasSize(1);
        host.failAt = null;
        restart();
        quiet(life);
        assertThat(host.frozen).isEmpty();
        assertThat(life.operations().left()).isEmpty();
    }

    /** The late end of one must not be that of the next, whose pictures are being taken. */
    @Test
    void oneThatFailedDoesNotEndTheNext() {
        host.failAt = "freeze|thaw";
        failed(quiesce());
        host.failAt = null;
        done(quiesce());
        assertThat(life.operations().left()).isEmpty();
        life.operations().retryLeft();
        quiet(life);
        assertThat(host.frozen).containsExactly(UUID_A);
        assertThat(done(unquiesce()).result()).containsEntry("held", true);
    }

    /** It may have frozen all the same, after its time. */
    @Test
    void oneThatFailedIsThawedBeforeTheGuestStandsStill() {
        host.failAt = "freeze|thaw";
        failed(quiesce());
        host.failAt = null;
        host.frozen.add(UUID_A);
        done(node -> node.pause(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.frozen).isEmpty();
        assertThat(host.calls).endsWith("thaw", "pause");
    }

    @Test
    void aThawThatFailsIsTriedAgainWhenTheTimeIsOver() throws InterruptedException {
        host.quiesceTimeout = Duration.ofSeconds(2);
        done(quiesce());
        host.failOnce = "thaw";
        failed(unquiesce());
        assertThat(host.frozen).containsExactly(UUID_A);
        awaitThawed();
    }

    @Test
    void whomNobodyThawsTheBridgeDoes() throws InterruptedException {
        host.quiesceTimeout = Duration.ofMillis(500);
        done(quiesce());
        awaitThawed();
        quiet(life);
        assertThat(done(unquiesce()).result()).containsEntry("held", false);
    }

    @Test
    void theNextStartOfTheBridgeThaws() {
        done(quiesce());
        restart();
        quiet(life);
        assertThat(host.frozen).isEmpty();
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pause", "suspend", "power off", "soft reboot", "snapshot"})
    void beforeTheGuestStandsStillOrEndsItIsThawed(String what) {
        done(quiesce());
        done(node -> switch (what) {
            case "pause" -> node.pause(NOVA, UUID_A, RequestKey.NONE);
            case "suspend" -> node.suspend(NOVA, UUID_A, RequestKey.NONE);
            case "power off" ->
                node.powerOff(NOVA, UUID_A, Duration.ofMillis(50), Duration.ofMillis(10), RequestKey.NONE);
            case "soft reboot" -> node.reboot(NOVA, UUID_A, RebootType.SOFT, null, RequestKey.NONE);
            default -> node.snapshot(NOVA, UUID_A, new SnapshotRequest(null, null, null), RequestKey.NONE);
        });
        assertThat(host.calls).startsWith("freeze", "thaw");
        assertThat(host.frozen).isEmpty();
        assertThat(life.operations().owes(UUID_A, undo -> true)).isFalse();
    }

    /** A full disk has stopped it meanwhile: its agent answers when it goes on. */
    @Test
    void whoStandsStillWhenTheTimeIsOverIsThawedWhenItGoesOn() throws InterruptedException {
        host.quiesceTimeout = Duration.ofMillis(500);
        done(quiesce());
        host.running.put(UUID_A, GuestState.PAUSED);
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (life.operations().left().isEmpty()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(20);
        }
        Thread.sleep(200);
        quiet(life);
        assertThat(host.calls).containsExactly("freeze");
        done(node -> node.unpause(NOVA, UUID_A, RequestKey.NONE));
        awaitThawed();
        assertThat(host.calls).containsExactly("freeze", "resume", "thaw");
    }

    @Test
    void aGuestThatBeganAnewHasNothingToThaw() {
        done(quiesce());
        host.calls.clear();
        done(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        assertThat(life.operations().owes(UUID_A, undo -> true)).isFalse();
        assertThat(host.calls).doesNotContain("thaw");
    }

    @Test
    void whereverTheBridgeDiesTheGuestIsNotLeftFrozen() {
        int places = dyingEverywhere(this::guest, quiesce(), where -> {
            assertThat(host.frozen).as(where).isEmpty();
            assertThat(host.running).as(where).containsEntry(UUID_A, GuestState.RUNNING);
        });
        assertThat(places).isGreaterThan(6);
        places = dyingEverywhere(
                () -> {
                    guest();
                    done(quiesce());
                },
                unquiesce(),
                where -> assertThat(host.frozen).as(where).isEmpty());
        assertThat(places).isGreaterThan(6);
    }

    @Test
    void theOperatorMayFreezeNovasGuest() {
        done(node -> node.quiesce(OPERATOR, UUID_A, RequestKey.NONE));
        done(node -> node.unquiesce(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.frozen).isEmpty();
    }
}
