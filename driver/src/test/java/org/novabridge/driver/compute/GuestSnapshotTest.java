package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.Dying.quiet;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

class GuestSnapshotTest extends OneHost {
    private static final SnapshotRequest PLAIN = new SnapshotRequest(null, null, null);

    @BeforeEach
    void guest() {
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.calls.clear();
    }

    private static Function<ComputeNode, Operation> snapshot() {
        return node -> node.snapshot(OPERATOR, UUID_A, PLAIN, RequestKey.NONE);
    }

    private void theGuestRunsAndNothingIsLeft() {
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        assertThat(host.frozen).isEmpty();
        assertThat(host.pictures).isEmpty();
        assertThat(host.setAside).hasValue(0);
        assertThat(host.images).isEmpty();
    }

    @Test
    void aRunningGuestStandsStillForThePictureAlone() {
        Operation ended = done(snapshot());

        assertThat(host.calls)
                .containsExactly(
                        "pause", "take picture", "resume", "image of " + ended.id() + " as raw", "remove picture");
        assertThat(ended.result())
                .containsEntry("way", "live")
                .containsEntry("reason", "it can take pictures")
                .containsEntry("file", "/snapshots/" + ended.id())
                .containsEntry("bytes", 5L)
                .containsEntry("frozen_file_systems", 0)
                .containsKey("still_seconds");
        assertThat(host.images).containsExactly(ended.id());
        assertThat(host.setAside).hasValue(0);
    }

    @Test
    void fileSystemsAreFrozenAroundThePicture() {
        host.imageProperties = Map.of("hw_qemu_guest_agent", "yes");
        assertThat(done(snapshot()).result()).containsEntry("frozen_file_systems", 2);
        assertThat(host.calls).startsWith("freeze", "pause", "take picture", "resume", "thaw");
    }

    @Test
    void anAgentThatDoesNotAnswerHindersOnlyThoseWhoInsist() {
        host.imageProperties = Map.of("hw_qemu_guest_agent", "True");
        host.failAt = "freeze";
        assertThat(done(snapshot()).result()).containsEntry("way", "live").containsEntry("frozen_file_systems", 0);
        host.images.clear();

        host.imageProperties = Map.of("hw_qemu_guest_agent", "True", "os_require_quiesce", "1");
        assertThat(failed(snapshot()).code()).isEqualTo(ErrorCode.HYPERVISOR_FAILED);
        theGuestRunsAndNothingIsLeft();

        host.failAt = null;
        host.imageProperties = Map.of("os_require_quiesce", "1");
        assertThat(failed(snapshot()).detail()).contains("os_require_quiesce", "hw_qemu_guest_agent");
        theGuestRunsAndNothingIsLeft();
    }

    /** An agent that has not answered in time freezes all the same, a moment later. */
    @Test
    void anAgentThatIsSlowToFreezeIsAskedToThawUntilItDoes() {
        host.imageProperties = Map.of("hw_qemu_guest_agent", "True");
        host.failAt = "freeze|thaw";
        done(snapshot());
        quiet(life);
        host.frozen.add(UUID_A);
        host.failAt = null;
        life.operations().retryLeft();
        quiet(life);
        assertThat(life.operations().left()).isEmpty();
        host.images.clear();
        theGuestRunsAndNothingIsLeft();
    }

    @Test
    void whereNoAgentIsThereIsNothingToThaw() {
        host.imageProperties = Map.of("hw_qemu_guest_agent", "True");
        host.failWith = ErrorCode.NOT_SUPPORTED;
        host.failAt = "freeze";
        done(snapshot());
        quiet(life);
        assertThat(host.calls).doesNotContain("thaw");
    }

    @Test
    void aPausedGuestStaysPaused() {
        host.running.put(UUID_A, GuestState.PAUSED);
        host.imageProperties = Map.of("hw_qemu_guest_agent", "yes");
        assertThat(done(snapshot()).result()).containsEntry("way", "live").containsEntry("still_seconds", 0.0);
        assertThat(host.calls).doesNotContain("pause", "resume", "freeze");
        assertThat(host.running).containsEntry(UUID_A, GuestState.PAUSED);
    }

    @Test
    void aGuestThatDoesNotRunIsReadAsItIs() {
        host.running.clear();
        assertThat(done(snapshot()).result()).containsEntry("way", "stopped");
        assertThat(host.calls).containsExactly("image of disk as qcow2");
        assertThat(host.running).isEmpty();
    }

    @Test
    void withoutPicturesTheGuestIsSavedMeanwhileAndTheReasonIsSaid() {
        host.takesPictures = false;
        assertThat(done(snapshot()).result()).containsEntry("way", "saved").containsEntry("reason", "no room");
        assertThat(host.calls).containsExactly("save", "image of disk as qcow2", "start");
    }

    @ParameterizedTest
    @ValueSource(strings = {"take picture", "pause", "resume", "image", "thaw", "remove picture"})
    void whatFailsLeavesNothingAndTheGuestRunning(String where) {
        host.imageProperties = Map.of("hw_qemu_guest_agent", "yes");
        host.failOnce = where;
        failed(snapshot());
        theGuestRunsAndNothingIsLeft();
    }

    @Test
    void anImageThatFailsBringsTheSavedGuestBack() {
        host.takesPictures = false;
        host.failOnce = "image";
        assertThat(failed(snapshot()).detail()).contains("image");
        theGuestRunsAndNothingIsLeft();
    }

    /** What could not be taken back at once is not forgotten with the instance: the next start takes it back. */
    @Test
    void aPictureThatCouldNotBeRemovedOutlivesItsInstanceInTheJournalAlone() {
        host.failAt = "remove picture";
        host.failOnce = "image";
        failed(snapshot());
        assertThat(host.pictures).hasSize(1);
        host.failAt = null;
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
        restart();
        quiet(life);
        assertThat(host.left(UUID_A)).isEmpty();
    }

    /** That the device cannot be read would send the operator to look for a broken disk. */
    @Test
    void aPictureThatTheGuestHasOverrunSaysSo() {
        host.pictureLost = "the guest overwrote more than there was room for";
        Problem problem = failed(snapshot());
        assertThat(problem.code()).isEqualTo(ErrorCode.STORAGE_FULL);
        assertThat(problem.detail()).isEqualTo(host.pictureLost);
        assertThat(problem.remedy()).contains("take it again");
        theGuestRunsAndNothingIsLeft();
    }

    @Test
    void aVolumeBackedGuestHasNothingToReadHere() {
        life.parts()
                .records()
                .save(new InstanceRecord(
                        1,
                        UUID_A,
                        "n",
                        "d",
                        InstanceOwner.OPERATOR,
                        "qcow2",
                        List.of(),
                        com.fasterxml.jackson.databind.node.TextNode.valueOf(UUID_A),
                        "now",
                        null,
                        false,
                        null,
                        null));
        assertThat(failed(snapshot()).detail()).contains("boots from a volume");
    }

    @Test
    void onlyTheOperatorNamesAPlaceAndNothingIsOverwritten() throws Exception {
        Path there = java.nio.file.Files.createFile(root.resolve("there"));
        for (Path bad : List.of(there, Path.of("relative"), root.resolve("no/such/folder"), root.resolve("a/../b"))) {
            refused(ErrorCode.INVALID_REQUEST, OPERATOR, bad);
        }
        refused(ErrorCode.FORBIDDEN, NOVA, root.resolve("new"));
        assertThat(host.calls).isEmpty();
    }

    private void refused(ErrorCode code, Caller caller, Path file) {
        Assertions.assertThatThrownBy(() ->
                        life.node().snapshot(caller, UUID_A, new SnapshotRequest(null, null, file), RequestKey.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    /** However far it came: the guest runs (or is suspended, when its memory was saved), and nothing is left. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whereverTheBridgeDiesTheGuestIsNotLeftHeld(boolean pictures) {
        int places = dyingEverywhere(
                () -> {
                    host.takesPictures = pictures;
                    host.imageProperties = Map.of("hw_qemu_guest_agent", "yes");
                    guest();
                },
                snapshot(),
                where -> {
                    boolean finished = life.operations().list().stream()
                            .anyMatch(o -> o.kind() == Operation.Kind.SNAPSHOT && o.state() == Operation.State.DONE);
                    assertThat(host.frozen).as(where).isEmpty();
                    assertThat(host.pictures).as(where).isEmpty();
                    assertThat(host.images).as(where).hasSize(finished ? 1 : 0);
                    if (host.saved.containsKey(UUID_A)) {
                        assertThat(pictures).isFalse();
                    } else {
                        assertThat(host.running).as(where).containsEntry(UUID_A, GuestState.RUNNING);
                    }
                });
        assertThat(places).isGreaterThan(15);
    }
}
