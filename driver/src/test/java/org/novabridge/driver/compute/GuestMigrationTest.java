package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.storage.DiskContent;

/** A guest between two hosts of maps: whatever breaks, one whole copy is left, and it is known which. */
class GuestMigrationTest {
    private static final String ROOT = UUID_A + "/disk";
    private static final String LOCAL = UUID_A + "/disk.local";
    private static final Map<String, String> DATA = Map.of(ROOT, "root data", LOCAL, "more data");

    @TempDir
    Path root;

    private FakeHost here;
    private FakeHost there;
    private FakeHost.Life source;
    private FakeHost.Life destination;
    private final FakeWire wire = new FakeWire();

    @BeforeEach
    void open() {
        here = new FakeHost(root.resolve("here"));
        there = new FakeHost(root.resolve("there"));
        here.remote = wire;
        source = here.open(CrashPoint.NONE);
        destination = there.open(CrashPoint.NONE);
        wire.destination = destination;
        done(node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        here.written.putAll(DATA);
        here.calls.clear();
    }

    private Operation done(Function<ComputeNode, Operation> ask) {
        Operation ended = OperationsTest.Awaited.ended(
                source.operations(), ask.apply(source.node()).id());
        assertThat(ended.state()).as("%s", ended.problem()).isEqualTo(Operation.State.DONE);
        return ended;
    }

    private Problem failed(Function<ComputeNode, Operation> ask) {
        Operation ended = OperationsTest.Awaited.ended(
                source.operations(), ask.apply(source.node()).id());
        assertThat(ended.state()).isEqualTo(Operation.State.FAILED);
        return Objects.requireNonNull(ended.problem());
    }

    private static Function<ComputeNode, Operation> go() {
        return go("other", null, false);
    }

    private static Function<ComputeNode, Operation> go(String host, @Nullable Flavor flavor, boolean dryRun) {
        return node -> node.migrate(OPERATOR, UUID_A, new MigrationRequest(host, flavor, dryRun), RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> confirm() {
        return node -> node.confirmMigration(OPERATOR, UUID_A, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> revert() {
        return node -> node.revertMigration(OPERATOR, UUID_A, false, RequestKey.NONE);
    }

    private void runsHereAsBefore() {
        assertThat(there.left(UUID_A)).isEmpty();
        assertThat(here.running).containsKey(UUID_A);
        assertThat(here.written).isEqualTo(DATA);
        assertThat(here.disks).containsOnlyKeys(ROOT, LOCAL);
        assertThat(source.parts().records().find(UUID_A).orElseThrow().migration())
                .isNull();
    }

    private void isThere(boolean running) throws IOException {
        assertThat(FakeStreams.text(there, UUID_A, "disk")).isEqualTo("root data");
        assertThat(FakeStreams.text(there, UUID_A, "disk.local")).isEqualTo("more data");
        assertThat(there.disks).containsOnlyKeys(ROOT, LOCAL);
        assertThat(there.running.containsKey(UUID_A)).isEqualTo(running);
        assertThat(here.running).doesNotContainKey(UUID_A);
    }

    @Test
    void aGuestGoesAndIsConfirmed() throws IOException {
        Operation gone = done(go());
        assertThat(gone.result()).containsEntry("allocated_bytes", 200_000L).containsKey("sent_bytes");
        isThere(true);
        assertThat(here.disks).containsOnlyKeys(ROOT, LOCAL);
        done(confirm());
        isThere(true);
        assertThat(here.left(UUID_A)).isEmpty();
        InstanceRecord record = destination.parts().records().find(UUID_A).orElseThrow();
        assertThat(record.owner()).isEqualTo(InstanceOwner.OPERATOR);
        assertThat(Objects.requireNonNull(record.migration()).phase()).isEqualTo(PendingMigration.Phase.KEPT);
    }

    @Test
    void aGuestGoesAndComesBack() {
        done(go());
        done(revert());
        runsHereAsBefore();
    }

    @Test
    void aStoppedGuestStaysStoppedOnBothHosts() throws IOException {
        done(node -> node.powerOff(OPERATOR, UUID_A, Duration.ZERO, null, RequestKey.NONE));
        done(go());
        isThere(false);
        done(revert());
        assertThat(here.running).isEmpty();
        assertThat(there.left(UUID_A)).isEmpty();
    }

    @Test
    void whatIsAskedForDryChangesNothing() {
        done(go("other", null, true));
        runsHereAsBefore();
        assertThat(here.calls).isEmpty();
        assertThat(there.calls).isEmpty();
    }

    @Test
    void aLargerFlavorIsMadeThere() throws IOException {
        done(go("other", FakeHost.flavor(2, 3, 1, 64), false));
        assertThat(there.disks.get(ROOT)).isEqualTo(new DiskContent.Blank(3L << 30));
        assertThat(there.disks.get(UUID_A + "/disk.swap")).isEqualTo(new DiskContent.Swap(64L << 20));
        assertThat(there.definitions.get(UUID_A)).contains("vcpus='2'");
        assertThat(FakeStreams.text(there, UUID_A, "disk")).isEqualTo("root data");
        done(revert());
        runsHereAsBefore();
        assertThat(here.definitions.get(UUID_A)).contains("vcpus='1'");
    }

    @Test
    void aSmallerFlavorIsRefusedHere() {
        assertThat(failed(go("other", FakeHost.flavor(1, 0, 1, 0), false)).code())
                .isEqualTo(ErrorCode.RESIZE_REFUSED);
        assertThat(here.calls).isEmpty();
    }

    /** Of all these the guest here notices nothing. */
    @Test
    void whatTheOtherHostRefusesIsRefusedBeforeTheGuestIsTouched() {
        there.roomToKeep = false;
        assertThat(failed(go()).detail()).contains("no room");
        there.roomToKeep = true;
        wire.protocol = 9;
        assertThat(failed(go()).detail()).contains("protocol");
        wire.protocol = MigrationOffer.PROTOCOL;
        wire.broken = RemoteBridge.Word.OFFER;
        assertThat(failed(go()).code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        there.disks.put(ROOT, new DiskContent.Blank(1));
        wire.broken = null;
        assertThat(failed(go()).code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        assertThat(there.disks).containsOnlyKeys(ROOT);
        there.disks.clear();
        runsHereAsBefore();
        assertThat(here.calls).isEmpty();
    }

    /** Who may use Nova's socket makes nothing there that only root may change. */
    @Test
    void novaBringsNoInstanceOfAnOperator() {
        wire.offering = NOVA;
        Problem refused = failed(go());
        assertThat(refused.code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        assertThat(refused.remedy()).contains("transfer_user");
        runsHereAsBefore();
        assertThat(here.calls).isEmpty();
        assertThat(there.calls).isEmpty();
    }

    /** Room that was made and of which the answer was lost would keep the next offer out. */
    @Test
    void anOfferWhoseAnswerIsLostIsTakenBack() throws IOException {
        wire.broken = RemoteBridge.Word.OFFER;
        wire.doneBeforeItBreaks = true;
        assertThat(failed(go()).code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        runsHereAsBefore();
        wire.broken = null;
        done(go());
        isThere(true);
    }

    /** Only what runs there may be the only copy. */
    @Test
    void aGuestThatRanAndDoesNotRunThereIsNotKept() throws IOException {
        done(go());
        there.running.clear();
        assertThat(failed(confirm()).detail()).contains("does not run here");
        assertThat(here.disks).containsOnlyKeys(ROOT, LOCAL);
        there.disks.remove(ROOT);
        there.running.put(UUID_A, GuestState.RUNNING);
        assertThat(failed(confirm()).detail()).contains("disk");
        assertThat(here.disks).containsOnlyKeys(ROOT, LOCAL);
        done(revert());
        runsHereAsBefore();
    }

    /** Kept there, of which the answer was lost, and then gone on: started here, there would be two. */
    @Test
    void aCopyThatMayHaveGoneOnIsNotMadeASecondOne() {
        done(go());
        wire.broken = RemoteBridge.Word.KEEP;
        wire.doneBeforeItBreaks = true;
        failed(confirm());
        wire.broken = null;
        goneFromThere();
        for (Function<ComputeNode, Operation> way : List.of(revert(), confirm())) {
            Problem problem = failed(way);
            assertThat(problem.detail()).contains("is not known");
            assertThat(problem.remedy()).contains("instance delete", "--force");
        }
        assertThat(here.running).isEmpty();
        assertThat(here.disks).containsOnlyKeys(ROOT, LOCAL);
        done(node -> node.revertMigration(OPERATOR, UUID_A, true, RequestKey.NONE));
        assertThat(here.running).containsKey(UUID_A);
    }

    @Test
    void whatWasAskedToBeConfirmedMayBeDeletedHere() {
        done(go());
        wire.broken = RemoteBridge.Word.KEEP;
        wire.doneBeforeItBreaks = true;
        failed(confirm());
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(here.left(UUID_A)).isEmpty();
        assertThat(there.running).containsKey(UUID_A);
    }

    /** Deleted there before anybody confirmed it: the only copy is here. */
    @Test
    void aCopyThatWasNeverKeptAndIsGoneLeavesTheOneHere() {
        done(go());
        goneFromThere();
        assertThat(failed(confirm()).code()).isEqualTo(ErrorCode.INSTANCE_NOT_FOUND);
        assertThat(here.disks).containsOnlyKeys(ROOT, LOCAL);
        done(revert());
        runsHereAsBefore();
    }

    private void goneFromThere() {
        Operation gone = destination.node().delete(OPERATOR, UUID_A, RequestKey.NONE);
        assertThat(OperationsTest.Awaited.ended(destination.operations(), gone.id())
                        .state())
                .isEqualTo(Operation.State.DONE);
    }

    /** Of a host that never comes back. */
    @Test
    void aRevertByForceAsksNobody() {
        done(go());
        wire.broken = RemoteBridge.Word.DROP;
        failed(revert());
        done(node -> node.revertMigration(OPERATOR, UUID_A, true, RequestKey.NONE));
        assertThat(here.running).containsKey(UUID_A);
    }

    /** The guest that was stopped for nothing does not wait until a host that hangs has been told of it. */
    @Test
    void theGuestRunsHereAgainBeforeTheOtherHostIsTold() {
        wire.broken = RemoteBridge.Word.RECEIVE;
        restart((name, word, request, cancelled) -> {
            if (word == RemoteBridge.Word.DROP) {
                assertThat(here.running).containsKey(UUID_A);
            }
            return wire.call(name, word, request, cancelled);
        });
        assertThat(failed(go()).detail()).contains("connection broke");
        runsHereAsBefore();
    }

    /** A bridge that has made room and then stands still, behind a connection that lives. */
    @Test
    void aBridgeThatHangsLeavesTheGuestHereAsItWas() throws IOException {
        Path ssh = Files.writeString(
                root.resolve("ssh"),
                "#!/bin/sh\nfor word; do :; done\n"
                        + "if [ $word = offer ]; then cat >/dev/null; echo '{\"protocol\":" + MigrationOffer.PROTOCOL
                        + ",\"result\":{}}'; else while :; do echo alive >/dev/null; sleep 0.1; done; fi\n");
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwxr-xr-x"));
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(BridgeOptions.TRANSFER_USER, "root")
                .set(BridgeOptions.TRANSFER_SSH, ssh.toString())
                .set(BridgeOptions.TRANSFER_TIMEOUT, 1)
                .build();
        restart(new SshBridge(new ProcessExecutor(), () -> config));
        assertThat(failed(go()).detail()).contains("the bridge of other gave no answer");
        runsHereAsBefore();
    }

    private void restart(RemoteBridge remote) {
        here.remote = remote;
        source.operations().close();
        source = here.open(CrashPoint.NONE);
    }

    /** What nobody wants any more is not zeroed to its end. */
    @Test
    void roomThatIsNotWantedAnyMoreIsNotMadeToItsEnd() {
        there.zeroesSlowly = true;
        restart((host, word, request, cancelled) -> {
            if (word == RemoteBridge.Word.OFFER) {
                try {
                    wire.begin(wire.bytes(request));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                throw new BridgeException(ErrorCode.STORAGE_FAILED, "silence", null, new IOException());
            }
            return wire.call(host, word, request, cancelled);
        });
        assertThat(failed(go()).detail()).contains("silence");
        destinationRests();
        assertThat(there.calls).contains("make room for disk").doesNotContain("make room for disk.local");
        runsHereAsBefore();
    }

    /** In the queue of the instance it would wait for the migration that waits for it. */
    @Test
    void aMigrationToItsOwnHostIsRefusedAtOnce() {
        wire.destination = source;
        assertThat(failed(go()).detail()).contains("exists");
        assertThat(here.running).containsKey(UUID_A);
        assertThat(here.calls).isEmpty();
    }

    @Test
    void whoLooksSeesThatItWaits() {
        done(go());
        assertThat(source.node().show(UUID_A).migration())
                .isNotNull()
                .extracting(InstanceView.Migration::phase, InstanceView.Migration::host)
                .containsExactly("sent", "other");
        assertThat(destination.node().list().get(0).migration())
                .isNotNull()
                .extracting(InstanceView.Migration::phase)
                .isEqualTo("taken");
        done(confirm());
        assertThat(destination.node().show(UUID_A).migration()).isNull();
    }

    @Test
    void aTransferThatBreaksOffLeavesNothingThereAndTheGuestHere() {
        wire.broken = RemoteBridge.Word.RECEIVE;
        wire.doneBeforeItBreaks = true;
        assertThat(failed(go()).detail()).contains("connection broke");
        runsHereAsBefore();
    }

    /** The disks are whole there, and nobody knows whether the guest runs there: only the other host can say. */
    @Test
    void anUnansweredHandOverIsDecidedByAsking() {
        wire.broken = RemoteBridge.Word.TAKE;
        wire.doneBeforeItBreaks = true;
        assertThat(failed(go()).remedy()).contains("migrate-revert");
        assertThat(here.running).isEmpty();
        wire.broken = RemoteBridge.Word.DROP;
        wire.doneBeforeItBreaks = false;
        assertThat(failed(revert()).detail()).contains("connection broke");
        assertThat(here.running).isEmpty();
        wire.broken = null;
        done(revert());
        runsHereAsBefore();
    }

    /** Both ends once more after an answer was lost. */
    @Test
    void anEndIsAskedForAgain() throws IOException {
        done(go());
        wire.broken = RemoteBridge.Word.KEEP;
        wire.doneBeforeItBreaks = true;
        failed(confirm());
        assertThat(here.disks).containsOnlyKeys(ROOT, LOCAL);
        wire.broken = null;
        assertThat(failed(revert()).detail()).contains("confirmed");
        done(confirm());
        isThere(true);
        assertThat(here.left(UUID_A)).isEmpty();
    }

    @Test
    void whileItWaitsTheGuestNeitherStartsNorGoesHere() {
        done(go());
        assertThat(failed(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE))
                        .code())
                .isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
        assertThat(failed(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE))
                        .code())
                .isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
        assertThat(failed(go()).code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
        assertThat(here.disks).containsOnlyKeys(ROOT, LOCAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-oProxyCommand=x", "root@host", "a b", "$(x)", "", "host;x", "host/x", ".", "a..b", ":"})
    void aHostileNameOfAHostNeverReachesSsh(String host) {
        here.remote = (name, word, request, cancelled) -> {
            throw new AssertionError("asked " + name);
        };
        assertThatThrownBy(() -> HostName.check(host))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
        assertThat(failed(go(host, null, false)).code()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "host.example.org", "10.0.0.7", "2001:db8::7", "HOST-2"})
    void namesAndAddressesAreTaken(String host) {
        HostName.check(host);
    }

    /** Who does not know the token of a migration decides nothing about its instance. */
    @Test
    void anotherTokenDecidesNothing() throws IOException {
        done(go());
        String migration = Objects.requireNonNull(
                        destination.parts().records().find(UUID_A).orElseThrow().migration())
                .migration();
        MigrationClaim guess = new MigrationClaim(migration, UUID_A, MigrationToken.fresh());
        assertThatThrownBy(() -> wire.ended(destination.arrivals().drop(NOVA, guess)))
                .isInstanceOf(BridgeException.class);
        assertThatThrownBy(() -> wire.ended(destination.arrivals().keep(NOVA, guess)))
                .isInstanceOf(BridgeException.class);
        isThere(true);
        done(revert());
        runsHereAsBefore();
    }

    /** A source that dies when all is sent has not decided: its guest is where it was, and the copy goes. */
    @Test
    void whatTheSourceHasForgottenGoes() {
        wire.broken = RemoteBridge.Word.TAKE;
        failed(go());
        assertThat(there.disks).isNotEmpty();
        destination.arrivals().removeForgotten();
        assertThat(there.disks).isNotEmpty();
        destinationRests();
        there.sourcePatience = Duration.ZERO;
        destination.arrivals().removeForgotten();
        destinationRests();
        assertThat(there.left(UUID_A)).isEmpty();
        done(revert());
        runsHereAsBefore();
    }

    private void destinationRests() {
        destination
                .operations()
                .list()
                .forEach(operation -> OperationsTest.Awaited.ended(destination.operations(), operation.id()));
    }

    @Test
    void theTokenIsInNoTextOfARecord() {
        done(go());
        PendingMigration sent = Objects.requireNonNull(
                source.parts().records().find(UUID_A).orElseThrow().migration());
        PendingMigration taken = Objects.requireNonNull(
                destination.parts().records().find(UUID_A).orElseThrow().migration());
        assertThat(sent.toString()).doesNotContain(sent.token());
        assertThat(taken.token()).isEqualTo(MigrationToken.hash(sent.token())).isNotEqualTo(sent.token());
    }
}
