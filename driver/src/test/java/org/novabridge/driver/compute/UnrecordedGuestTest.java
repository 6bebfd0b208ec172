package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;

/** A guest that nobody adopts, since somebody has made it by hand: nothing is written down of it. */
class UnrecordedGuestTest extends OneHost {
    private static final String MADE_BY_HAND =
            NovasGuest.madeByHand(UUID_A, NovasGuest.file("vda", "qcow2", "/instances/" + UUID_A + "/disk"));

    /** What needs to know the disks or the spec, and how Nova must hear of it to leave the server as it is. */
    enum Asked {
        POWER_ON(true, node -> node.powerOn(NOVA, UUID_A, FakeHost.spec(UUID_A), RequestKey.NONE)),
        START(true, node -> node.start(NOVA, UUID_A, false, FakeHost.spec(UUID_A), RequestKey.NONE)),
        REDEFINE(true, node -> node.redefine(NOVA, UUID_A, FakeHost.spec(UUID_A), RequestKey.NONE)),
        REBOOT_HARD(false, node -> node.reboot(NOVA, UUID_A, RebootType.HARD, FakeHost.spec(UUID_A), RequestKey.NONE)),
        SNAPSHOT(false, node -> node.snapshot(NOVA, UUID_A, new SnapshotRequest(null, null, null), RequestKey.NONE)),
        RESCUE(false, node -> node.rescue(NOVA, UUID_A, FakeHost.RESCUE, RequestKey.NONE)),
        ATTACH_VOLUME(
                false,
                node -> node.attachVolume(NOVA, UUID_A, Volumes.file("v-1", "vdc", "/mnt/v-1"), RequestKey.NONE)),
        ATTACH_INTERFACE(
                false,
                node -> node.attachInterface(
                        NOVA,
                        UUID_A,
                        Map.of("id", "p-1", "type", "bridge", "address", "fa:16:3e:00:00:01"),
                        RequestKey.NONE)),
        RESIZE(false, resize(false)),
        RESIZE_DRY_RUN(false, resize(true)),
        MIGRATE(
                false,
                node -> node.migrate(
                        NOVA,
                        UUID_A,
                        new MigrationRequest("other", null, false, new MigrationRequest.Held(null, null)),
                        RequestKey.NONE));

        private final boolean stopped;
        private final Function<ComputeNode, Operation> ask;

        Asked(boolean stopped, Function<ComputeNode, Operation> ask) {
            this.stopped = stopped;
            this.ask = ask;
        }

        private static Function<ComputeNode, Operation> resize(boolean dryRun) {
            return node -> node.resize(
                    NOVA, UUID_A, new ResizeRequest(FakeHost.flavor(2, 3, 1, 64), false, dryRun), RequestKey.NONE);
        }

        private ErrorCode code() {
            return switch (this) {
                case RESIZE, RESIZE_DRY_RUN, MIGRATE -> ErrorCode.RESIZE_REFUSED;
                default -> ErrorCode.INSTANCE_INVALID_STATE;
            };
        }
    }

    @BeforeEach
    void guest() {
        host.definitions.put(UUID_A, MADE_BY_HAND);
        host.disks.put(UUID_A + "/disk", new DiskContent.Blank(1));
        host.running.put(UUID_A, GuestState.RUNNING);
    }

    @ParameterizedTest
    @EnumSource
    void whatNeedsToKnowItsDisksIsRefusedAsSomethingThatIsThere(Asked asked) {
        if (asked.stopped) {
            host.running.remove(UUID_A);
        }
        Problem refused = failed(asked.ask);

        assertThat(refused.code()).isEqualTo(asked.code());
        assertThat(refused.detail()).contains(UUID_A, "was not made by ");
        assertThat(refused.remedy()).containsAnyOf("adopt " + UUID_A + " --dry-run", "libvirt.LibvirtDriver");
        assertThat(host.calls).isEmpty();
        assertThat(host.definitions).containsEntry(UUID_A, MADE_BY_HAND);
        assertThat(host.disks).containsOnlyKeys(UUID_A + "/disk");
        assertThat(host.running.containsKey(UUID_A)).isEqualTo(!asked.stopped);
        assertThat(life.parts().records().find(UUID_A)).isEmpty();
    }

    /** The pages say so of these. */
    @Test
    void itIsPausedRebootedSoftlyStoppedAndDeleted() {
        done(node -> node.pause(NOVA, UUID_A, RequestKey.NONE));
        done(node -> node.resume(NOVA, UUID_A, RequestKey.NONE));
        done(node -> node.reboot(NOVA, UUID_A, RebootType.SOFT, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        assertThat(host.definitions).containsEntry(UUID_A, MADE_BY_HAND);

        done(node -> node.powerOff(NOVA, UUID_A, null, null, RequestKey.NONE));
        assertThat(host.running).doesNotContainKey(UUID_A);
        done(node -> node.delete(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    /** Nova must hear that a deleted instance is gone, and not that it stands in the wrong state. */
    @Test
    void whatIsNotThereAtAllIsStillNotFound() {
        assertThatThrownBy(() -> Ownership.recorded(life.parts(), OperationsTest.UUID_B))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INSTANCE_NOT_FOUND));
    }
}
