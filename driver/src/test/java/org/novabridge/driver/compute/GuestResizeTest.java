package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.Dying.quiet;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;

/** Another flavor for a guest, its confirmation and its revert, on a host of maps. */
class GuestResizeTest extends OneHost {
    private static final String ROOT = UUID_A + "/disk";
    private static final String LOCAL = UUID_A + "/disk.local";
    private static final String SWAP = UUID_A + "/disk.swap";

    /** More processors, a larger root disk, and a swap disk that it did not have. */
    private static final Flavor LARGER = FakeHost.flavor(2, 3, 1, 64);

    private static final Map<String, String> OLD = Map.of(ROOT, "root data", LOCAL, "more data");
    private static final Map<String, String> NEW = Map.of(ROOT, "root data +3 zero", LOCAL, "more data", SWAP, "new");

    @BeforeEach
    void guest() {
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.written.putAll(OLD);
        host.calls.clear();
    }

    private static Function<ComputeNode, Operation> to(Flavor flavor) {
        return node -> node.resize(OPERATOR, UUID_A, new ResizeRequest(flavor, false, false), RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> online(Flavor flavor) {
        return node -> node.resize(OPERATOR, UUID_A, new ResizeRequest(flavor, true, false), RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> confirm() {
        return node -> node.confirmResize(OPERATOR, UUID_A, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> revert() {
        return node -> node.revertResize(OPERATOR, UUID_A, RequestKey.NONE);
    }

    /** Nothing of a resize is seen, and the disks hold what they held. */
    private void isAsItWas(String where) {
        assertThat(host.written).as(where).isEqualTo(OLD);
        assertThat(host.disks).as(where).containsOnlyKeys(OLD.keySet());
        assertThat(host.kept).as(where).isEmpty();
        assertThat(host.definitions.get(UUID_A)).as(where).contains("vcpus='1'");
        InstanceRecord made = record();
        assertThat(made.resize()).as(where).isNull();
        assertThat(made.disks()).as(where).hasSize(2);
        assertThat(life.parts().planner().read(made.spec()).instance().vcpus())
                .as(where)
                .isEqualTo(1);
    }

    /** The new guest, which can be reverted, or not any more. */
    private void isResized(boolean waits, String where) {
        assertThat(host.written).as(where).isEqualTo(NEW);
        assertThat(host.kept).as(where).isEqualTo(waits ? OLD : Map.of());
        assertThat(host.definitions.get(UUID_A)).as(where).contains("vcpus='2'");
        InstanceRecord made = record();
        assertThat(made.resize() != null).as(where).isEqualTo(waits);
        assertThat(made.disks()).as(where).hasSize(3);
    }

    @Test
    void aRunningGuestIsStoppedKeptGrownAndStarted() {
        Operation done = done(to(LARGER));
        assertThat(host.calls)
                .containsExactly(
                        "shutdown", "keep disk", "keep disk.local", "grow disk", "create disk.swap", "define", "start");
        isResized(true, "");
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        assertThat(done.result())
                .containsEntry("way", "offline")
                .containsEntry("confirm", true)
                .containsEntry(
                        "disks",
                        List.of(
                                Map.of(
                                        "name", "disk", "change", "grows", "from", 1L << 30, "to", 3L << 30, "kept",
                                        "a copy"),
                                Map.of("name", "disk.local", "change", "stays", "from", 1L << 30, "kept", "a copy"),
                                Map.of("name", "disk.swap", "change", "added", "to", 64L << 20)));
        assertThat(life.node().show(UUID_A).resize()).satisfies(waiting -> {
            assertThat(waiting.phase()).isEqualTo("waiting");
            assertThat(waiting.to()).isEqualTo("m2.3");
        });
        assertThat(life.node().list().get(0).resize()).isNotNull();
    }

    @Test
    void confirmingLeavesOneCopyAndDoesNotTouchTheGuest() {
        done(to(LARGER));
        host.calls.clear();
        done(confirm());
        assertThat(host.calls).containsExactly("discard disk", "discard disk.local");
        isResized(false, "");
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        assertThat(failed(confirm()).code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
        assertThat(failed(revert()).detail()).contains("no resize");
    }

    @Test
    void revertingBringsDisksRecordAndDefinitionBack() {
        String definition = host.definitions.get(UUID_A);
        done(to(LARGER));
        host.written.merge(ROOT, ", written since", String::concat);
        host.calls.clear();
        done(revert());
        assertThat(host.calls)
                .containsExactly(
                        "destroy", "define", "restore disk", "restore disk.local", "remove disk.swap", "start");
        isAsItWas("");
        assertThat(host.definitions).containsEntry(UUID_A, definition);
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
    }

    @Test
    void aStoppedGuestIsNotStartedByAnyOfIt() {
        host.running.clear();
        done(to(LARGER));
        done(revert());
        assertThat(host.calls).doesNotContain("start", "shutdown");
        isAsItWas("");
    }

    /** Only processors and memory: there is nothing to go back to, and a revert loses nothing. */
    @Test
    void withoutALargerDiskNothingIsKept() {
        done(to(FakeHost.flavor(4, 1, 1, 0)));
        assertThat(host.kept).isEmpty();
        host.written.merge(ROOT, ", written since", String::concat);
        done(revert());
        assertThat(host.written).containsEntry(ROOT, "root data, written since");
        assertThat(host.definitions.get(UUID_A)).contains("vcpus='1'");
    }

    /** Whichever size it gets, as in Nova; the old one comes back by its name. */
    @ParameterizedTest
    @ValueSource(ints = {32, 128, 0})
    void swapIsMadeAnew(int size) {
        done(to(LARGER));
        done(confirm());
        host.written.put(SWAP, "pages");
        host.calls.clear();
        done(to(FakeHost.flavor(2, 3, 1, size)));
        assertThat(host.calls).contains("set aside disk.swap").doesNotContain("keep disk");
        assertThat(host.kept).isEqualTo(Map.of(SWAP, "pages"));
        assertThat(host.written.get(SWAP)).isEqualTo(size == 0 ? null : "new");
        done(revert());
        assertThat(host.written).containsEntry(SWAP, "pages");
        assertThat(host.kept).isEmpty();
    }

    @Test
    void whatIsRefusedIsRefusedBeforeTheGuestIsTouched() {
        for (Flavor smaller : List.of(FakeHost.flavor(2, 0, 1, 0), FakeHost.flavor(2, 3, 0, 0))) {
            Problem problem = failed(to(smaller));
            assertThat(problem.code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
            assertThat(problem.detail()).contains("no disk is made smaller");
        }
        assertThat(ErrorCode.RESIZE_REFUSED.novaException()).isEqualTo("InstanceFaultRollback");
        host.roomToKeep = false;
        assertThat(failed(to(LARGER))).satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
            assertThat(problem.detail()).contains("no room to keep");
        });
        host.roomToKeep = true;
        host.failAt = "plan";
        assertThat(failed(to(LARGER)).code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        host.failAt = null;
        host.running.put(UUID_A, GuestState.PAUSED);
        assertThat(failed(to(LARGER)).code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
        host.running.put(UUID_A, GuestState.RUNNING);
        assertThat(host.calls).isEmpty();
        isAsItWas("");
    }

    @Test
    void aDryRunSaysItAllAndDoesNothing() {
        Operation said =
                done(node -> node.resize(OPERATOR, UUID_A, new ResizeRequest(LARGER, false, true), RequestKey.NONE));
        assertThat(said.result()).containsEntry("dry_run", true).containsKey("disks");
        assertThat(host.calls).isEmpty();
        isAsItWas("");
    }

    @Test
    void oneResizeAtATime() {
        done(to(LARGER));
        assertThat(failed(to(FakeHost.flavor(2, 5, 1, 64))).detail()).contains("waits to be confirmed");
        assertThat(failed(online(FakeHost.flavor(2, 5, 1, 64))).code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"keep disk", "keep disk.local", "grow disk", "create disk.swap", "define", "start"})
    void whatFailsIsTakenBackAndTheGuestStaysStopped(String where) {
        host.failOnce = where;
        assertThat(failed(to(LARGER)).detail()).contains("told to fail once");
        isAsItWas("after failing at " + where);
        assertThat(host.running).isEmpty();
        done(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        done(to(LARGER));
        isResized(true, "");
    }

    /** Half of a way back is no guest: it can only be finished. */
    @Test
    void aRevertThatFailsKeepsTheGuestFromRunningUntilItIsFinished() {
        done(to(LARGER));
        host.failOnce = "restore disk.local";
        failed(revert());
        assertThat(Objects.requireNonNull(life.node().show(UUID_A).resize()).phase())
                .isEqualTo("reverting");
        assertThat(failed(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE))
                        .remedy())
                .contains("resize-revert");
        assertThat(failed(confirm()).detail()).contains("reverting already");
        done(revert());
        isAsItWas("");
        assertThat(host.running).containsKey(UUID_A);
    }

    @Test
    void aConfirmationThatFailsIsFinishedAndNotTurnedRound() {
        done(to(LARGER));
        host.failOnce = "discard disk.local";
        failed(confirm());
        assertThat(failed(revert()).detail()).contains("confirming already");
        done(confirm());
        isResized(false, "");
    }

    @Test
    void withoutWhatWasKeptThereIsNoWayBack() {
        done(to(LARGER));
        host.kept.remove(LOCAL);
        assertThat(failed(revert()).code()).isEqualTo(ErrorCode.DISK_NOT_FOUND);
        assertThat(host.running).containsKey(UUID_A);
        done(confirm());
    }

    /** Elsewhere nothing of it would be found: it would be taken for done. */
    @Test
    void withAnotherPlaceForDisksItIsEndedByNobody() {
        done(to(LARGER));
        host.place = "/elsewhere";
        for (Function<ComputeNode, Operation> ask : List.of(confirm(), revert())) {
            assertThat(failed(ask).code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION);
        }
        host.place = "/instances";
        assertThat(host.running).containsKey(UUID_A);
        done(revert());
        isAsItWas("");
    }

    @Test
    void aDeletedGuestLeavesNothingOfItsResize() {
        done(to(LARGER));
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    /** What could not be taken back is not run on the disks of a guest that was started all the same. */
    @Test
    void aGuestThatWasStartedMeanwhileLosesNothingToAnOldUndo() {
        host.failAt = "create disk.swap|restore disk|discard disk|discard disk.local";
        failed(to(LARGER));
        host.failAt = null;
        done(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        host.written.merge(ROOT, ", written since", String::concat);
        done(node -> node.stop(OPERATOR, UUID_A, RequestKey.NONE));
        restart();
        quiet(life);
        assertThat(host.written).containsEntry(ROOT, "root data +3 zero, written since");
        assertThat(host.kept).isEmpty();
    }

    @Test
    void onlineTheGuestRunsOnAndIsToldOfItsDisk() {
        for (boolean blocks : List.of(true, false)) {
            host.disksAreBlocks = blocks;
            host.calls.clear();
            Operation done = done(online(FakeHost.flavor(1, blocks ? 3 : 4, 1, 0)));
            assertThat(host.calls)
                    .containsExactlyElementsOf(blocks ? List.of("grow disk", "tell vda") : List.of("tell vda"));
            assertThat(done.result()).containsEntry("way", "online").containsEntry("confirm", false);
        }
        assertThat(host.told).containsEntry("vda", 4L << 30);
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        assertThat(host.kept).isEmpty();
        InstanceRecord made = record();
        assertThat(made.resize()).isNull();
        assertThat(life.parts().planner().read(made.spec()).instance().rootGb()).isEqualTo(4);
        assertThat(failed(confirm()).code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
    }

    @Test
    void onlineNothingButSizesOfDisksChanges() {
        for (Flavor other : List.of(LARGER, FakeHost.flavor(2, 3, 1, 0), FakeHost.flavor(1, 3, 1, 64))) {
            assertThat(failed(online(other)).detail()).contains("more than the sizes");
        }
        assertThat(failed(online(FakeHost.flavor(1, 1, 1, 0))).detail()).contains("no disk becomes larger");
        host.running.clear();
        assertThat(failed(online(FakeHost.flavor(1, 3, 1, 0))).detail()).contains("does not run");
        assertThat(host.calls).isEmpty();
    }

    @Test
    void aGuestOfNovasIsResizedByNova() {
        assertThatThrownBy(() ->
                        life.node().resize(NOVA, UUID_A, new ResizeRequest(LARGER, false, false), RequestKey.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
        InstanceRecord made = record();
        life.parts()
                .records()
                .save(new InstanceRecord(
                        made.version(),
                        made.uuid(),
                        made.name(),
                        made.displayName(),
                        InstanceOwner.NOVA,
                        made.backend(),
                        made.disks(),
                        made.spec(),
                        made.created(),
                        null,
                        false,
                        null,
                        null));
        for (Function<ComputeNode, Operation> ask : List.of(to(LARGER), confirm(), revert())) {
            assertThatThrownBy(() -> ask.apply(life.node())).isInstanceOfSatisfying(BridgeException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.OWNED_BY_NOVA);
                assertThat(e.remedy()).startsWith("use: openstack server resize");
            });
        }
    }

    private void guestOnBlocks() {
        host.disksAreBlocks = true;
        guest();
    }

    private void resizedGuest() {
        guestOnBlocks();
        done(to(LARGER));
    }

    /** Whether what was asked for before the crash has been done by now. */
    private boolean finished() {
        Operation last = life.operations().list().get(0);
        return last.kind() != Operation.Kind.CREATE && last.state() == Operation.State.DONE;
    }

    /** It is the old guest, stopped or never stopped, or the new one. */
    @Test
    void whereverAResizeDiesItIsTheOldGuestOrTheNewOne() {
        int places = dyingEverywhere(this::guestOnBlocks, to(LARGER), where -> {
            InstanceRecord made = record();
            if (made.resize() == null) {
                assertThat(finished()).as(where).isFalse();
                isAsItWas(where);
            } else {
                isResized(true, where);
                assertThat(host.running).as(where).containsKey(UUID_A);
            }
        });
        assertThat(places).isGreaterThan(40);
    }

    @Test
    void whereverARevertDiesItGoesForwardAndStartsNobody() {
        int places = dyingEverywhere(this::resizedGuest, revert(), where -> {
            InstanceRecord made = record();
            if (where.contains("journal before resize-revert waiting")) {
                assertThat(made.resize()).as("nothing was asked yet").isNotNull();
            } else {
                isAsItWas(where);
                assertThat(finished()).as(where).isTrue();
            }
        });
        assertThat(places).isGreaterThan(30);
    }

    @Test
    void whereverAConfirmationDiesItGoesForward() {
        int places = dyingEverywhere(this::resizedGuest, confirm(), where -> {
            isResized(where.contains("journal before resize-confirm waiting"), where);
            assertThat(host.running).as(where).containsKey(UUID_A);
        });
        assertThat(places).isGreaterThan(15);
    }

    /** A disk that has grown stays so; what it has gained is zeroed before anybody is told of it. */
    @Test
    void whereverAGrowthOnlineDiesNobodyReadsWhatWasThere() {
        Flavor more = FakeHost.flavor(1, 3, 1, 0);
        int places = dyingEverywhere(this::guestOnBlocks, online(more), where -> {
            assertThat(host.running).as(where).containsEntry(UUID_A, GuestState.RUNNING);
            assertThat(host.written.get(ROOT)).as(where).startsWith("root data").doesNotContain("dirt");
            if (!finished()) {
                InstanceRecord made = record();
                if (life.parts().planner().read(made.spec()).instance().rootGb() == 1) {
                    done(online(more));
                }
            }
            if (!where.contains("waiting")) {
                assertThat(host.told).as(where).containsEntry("vda", 3L << 30);
            }
        });
        assertThat(places).isGreaterThan(10);
    }
}
