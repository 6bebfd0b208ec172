package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.FakeHost.RESCUE;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskKey;

/** A guest that runs from a rescue disk, and its end, on a host of maps. */
class GuestRescueTest extends OneHost {
    private static final String ROOT = UUID_A + "/disk";
    private static final String LOCAL = UUID_A + "/disk.local";
    private static final String RESCUE_DISK = UUID_A + "/disk.rescue";

    @BeforeEach
    void guest() {
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.written.putAll(Map.of(ROOT, "root data", LOCAL, "more data"));
        host.calls.clear();
    }

    private static Function<ComputeNode, Operation> rescue() {
        return node -> node.rescue(OPERATOR, UUID_A, RESCUE, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> unrescue() {
        return node -> node.unrescue(OPERATOR, UUID_A, RequestKey.NONE);
    }

    private void isAsItWas(String where) {
        assertThat(host.disks).as(where).containsOnlyKeys(ROOT, LOCAL);
        assertThat(host.written).as(where).isEqualTo(Map.of(ROOT, "root data", LOCAL, "more data"));
        assertThat(host.definitions.get(UUID_A)).as(where).doesNotContain("rescued");
        InstanceRecord made = record();
        assertThat(made.rescue()).as(where).isNull();
        assertThat(made.disks()).as(where).hasSize(2);
        assertThat(life.parts().planner().read(made.spec()).rescue()).as(where).isNull();
        assertThat(life.node().show(UUID_A).rescuedSince()).as(where).isNull();
    }

    private void isRescued(String where) {
        assertThat(host.disks).as(where).containsOnlyKeys(ROOT, LOCAL, RESCUE_DISK);
        assertThat(host.written).as(where).containsEntry(ROOT, "root data").containsEntry(LOCAL, "more data");
        assertThat(host.definitions.get(UUID_A)).as(where).contains("rescued");
        InstanceRecord made = record();
        assertThat(made.inRescue()).as(where).isPresent();
        assertThat(made.disks()).as(where).hasSize(3);
        assertThat(life.node().show(UUID_A).rescuedSince()).as(where).isNotNull();
    }

    @Test
    void theRescueDiskIsMadeBeforeTheGuestIsStopped() {
        Operation done = done(rescue());
        assertThat(host.calls).containsExactly("create disk.rescue", "shutdown", "define", "start");
        assertThat(host.disks.get(RESCUE_DISK)).isInstanceOf(DiskContent.FromImage.class);
        isRescued("");
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        assertThat(done.result())
                .containsEntry("way", "legacy")
                .containsEntry("image", "rescue")
                .doesNotContainKey("updates");
    }

    @Test
    void unrescueStartsTheGuestFromItsOwnDisksAndRemovesTheOther() {
        done(rescue());
        host.calls.clear();
        done(unrescue());
        assertThat(host.calls).containsExactly("destroy", "define", "start", "remove disk.rescue");
        isAsItWas("");
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
    }

    @Test
    void aRescueOutlivesRebootsOfGuestAndBridge() {
        done(rescue());
        done(node -> node.reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        isRescued("rebooted");
        life.operations().close();
        host.running.clear();
        life = host.open(CrashPoint.NONE);
        done(node -> node.powerOn(OPERATOR, UUID_A, null, RequestKey.NONE));
        isRescued("after a restart of the host");
        done(unrescue());
        isAsItWas("");
    }

    @Test
    void aRebootWithTheSpecOfNovaEndsIt() {
        done(rescue());
        done(node -> node.reboot(OPERATOR, UUID_A, RebootType.HARD, FakeHost.spec(UUID_A), RequestKey.NONE));
        isAsItWas("");
        assertThat(host.running).containsKey(UUID_A);
    }

    @Test
    void aStoppedGuestIsRescuedToo() {
        done(node -> node.stop(OPERATOR, UUID_A, RequestKey.NONE));
        done(rescue());
        assertThat(host.running).containsKey(UUID_A);
        isRescued("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"create disk.rescue", "plan", "define", "start"})
    void aRescueThatFailsLeavesTheGuestAsItWas(String at) {
        host.failAt = at;
        failed(rescue());
        host.failAt = null;
        isAsItWas(at);
        assertThat(host.running.containsKey(UUID_A))
                .as("not touched before the disk is there")
                .isEqualTo(!at.equals("define") && !at.equals("start"));
        done(rescue());
        isRescued(at);
    }

    @Test
    void whatMakesNoSenseOnARescuedGuestIsRefused() {
        done(rescue());
        for (Function<ComputeNode, Operation> ask : List.<Function<ComputeNode, Operation>>of(
                rescue(),
                node -> node.snapshot(OPERATOR, UUID_A, new SnapshotRequest(null, null, null), RequestKey.NONE),
                node -> node.resize(
                        OPERATOR,
                        UUID_A,
                        new ResizeRequest(FakeHost.flavor(2, 3, 1, 0), false, false),
                        RequestKey.NONE),
                node -> node.migrate(
                        OPERATOR, UUID_A, new MigrationRequest("host2", null, false, null), RequestKey.NONE))) {
            Problem problem = failed(ask);
            assertThat(problem.code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
            assertThat(problem.remedy()).contains("instance unrescue");
        }
        isRescued("");
    }

    @Test
    void aGuestWhoseResizeWaitsIsNotRescued() {
        done(node -> node.resize(
                OPERATOR, UUID_A, new ResizeRequest(FakeHost.flavor(2, 1, 1, 0), false, false), RequestKey.NONE));
        assertThat(failed(rescue()).code()).isEqualTo(ErrorCode.INSTANCE_NOT_RESCUABLE);
    }

    /** Stock Nova leaves rescue volumes behind (bug 1385480). */
    @Test
    void aRescueDiskThatNoRecordKnowsIsNeverUsedAndGoesWithTheNextUnrescue() {
        host.disks.put(RESCUE_DISK, new DiskContent.Blank(1));
        Problem problem = failed(rescue());
        assertThat(problem.code()).isEqualTo(ErrorCode.INSTANCE_NOT_RESCUABLE);
        assertThat(problem.remedy()).contains("instance unrescue");
        assertThat(host.disks).containsKey(RESCUE_DISK);
        done(unrescue());
        isAsItWas("");
    }

    @Test
    void aDeletedGuestLeavesNothingOfItsRescue() {
        done(rescue());
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    @Test
    void whatIsLeftOfARescueGoesWithTheGuest() {
        done(rescue());
        host.failAt = "remove disk.rescue";
        failed(unrescue());
        host.failAt = null;
        assertThat(host.running).as("it runs from its own disks").containsKey(UUID_A);
        assertThat(life.node().show(UUID_A).rescuedSince()).isNull();
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    @Test
    void aCreateTakesNoRescue() {
        String other = UUID_A.replace('a', 'b');
        assertThatThrownBy(
                        () -> life.node().create(OPERATOR, FakeHost.spec(other).rescued(RESCUE), RequestKey.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }

    @Test
    void anEncryptedGuestIsRescuedWithItsKeyOnly() {
        newHost();
        host.backend = "lvm-crypt";
        restart();
        bringKey();
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(failed(rescue()).code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(host.running).containsKey(UUID_A);
        bringKey();
        done(rescue());
        assertThat(host.unlocked).contains(RESCUE_DISK);
        done(unrescue());
        assertThat(host.unlocked).doesNotContain(RESCUE_DISK);
        assertThat(host.disks).containsOnlyKeys(ROOT, LOCAL);
    }

    private void bringKey() {
        try (DiskKey key = DiskKey.of("0123456789abcdef".getBytes(StandardCharsets.US_ASCII))) {
            life.node().bringKey(OPERATOR, UUID_A, null, key);
        }
    }

    @Test
    void whereverARescueDiesItIsTheOldGuestOrOneThatRunsInItsRescue() {
        int places = dyingEverywhere(this::guest, rescue(), where -> {
            if (record().rescue() == null) {
                isAsItWas(where);
            } else {
                isRescued(where);
                assertThat(host.running).as(where).containsKey(UUID_A);
            }
        });
        assertThat(places).isGreaterThan(25);
    }

    private void rescuedGuest() {
        guest();
        done(rescue());
    }

    @Test
    void whereverAnUnrescueDiesItGoesForwardAndStartsNobody() {
        int places = dyingEverywhere(this::rescuedGuest, unrescue(), where -> {
            if (where.contains("journal before unrescue waiting")) {
                isRescued("nothing was asked yet");
                return;
            }
            isAsItWas(where);
        });
        assertThat(places).isGreaterThan(20);
    }
}
