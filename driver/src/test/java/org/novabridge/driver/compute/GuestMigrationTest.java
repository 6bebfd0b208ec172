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
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;

/** A guest goes from one host to another: whatever breaks, one whole copy is left, and it is known which. */
class GuestMigrationTest extends TwoHosts {
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

    /** Each disk keeps its thread on a host of the same configuration, which sees no drift. */
    @Test
    void theThreadsOfAGuestAreTheSameOnTheOtherHost() {
        threads("2");
        there.rules = here.rules;
        String before = here.definitions.get(UUID_A);
        assertThat(before).contains("<iothreads>2</iothreads>", "iothread=\"1\"", "iothread=\"2\"");
        done(go());
        assertThat(there.live.get(UUID_A)).isEqualTo(before);
        assertThat(destination.node().show(UUID_A).drift()).isEmpty();
        OperationsTest.Awaited.ended(
                destination.operations(),
                destination
                        .node()
                        .reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE)
                        .id());
        assertThat(there.live.get(UUID_A)).isEqualTo(before);
        done(revert());
        assertThat(here.live.get(UUID_A)).isEqualTo(before);
        assertThat(source.node().show(UUID_A).drift()).isEmpty();
    }

    /** The guest starts there, so it has what that host gives; back here it has what it had. */
    @Test
    void theOtherHostGivesTheThreadsOfItsOwnConfiguration() {
        threads("2");
        there.rules =
                ConfigSnapshot.builder().set(LibvirtOptions.DISK_IOTHREADS, "1").build();
        String before = here.definitions.get(UUID_A);
        done(go());
        assertThat(there.live.get(UUID_A)).contains("<iothreads>1</iothreads>").doesNotContain("iothread=\"2\"");
        assertThat(destination.node().show(UUID_A).drift()).isEmpty();
        there.rules = here.rules;
        assertThat(destination.node().show(UUID_A).drift())
                .extracting(one -> one.disk() + " " + one.attribute() + " " + one.running() + " " + one.configured()
                        + " " + one.needs().word())
                .containsExactly("vdb iothread 1 2 hard-reboot");
        done(revert());
        assertThat(here.live.get(UUID_A)).isEqualTo(before);
        assertThat(source.node().show(UUID_A).drift()).isEmpty();
    }

    private void threads(String number) {
        here.rules = ConfigSnapshot.builder()
                .set(LibvirtOptions.DISK_IOTHREADS, number)
                .build();
        done(node -> node.reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        here.calls.clear();
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

    /** A resize to another host: Nova's migration with another flavor. */
    @Test
    void aLargerFlavorIsConfirmed() throws IOException {
        done(go("other", FakeHost.flavor(2, 3, 1, 0), false));
        done(confirm());
        isThere(true);
        assertThat(there.disks.get(ROOT)).isEqualTo(new DiskContent.Blank(3L << 30));
        assertThat(there.definitions.get(UUID_A)).contains("vcpus='2'");
        assertThat(here.left(UUID_A)).isEmpty();
    }

    @Test
    void aSmallerFlavorIsRefusedHere() {
        assertThat(failed(go("other", FakeHost.flavor(1, 0, 1, 0), false)).code())
                .isEqualTo(ErrorCode.RESIZE_REFUSED);
        assertThat(here.calls).isEmpty();
    }

    /** Each in its turn is upgraded before the other. */
    @ParameterizedTest
    @CsvSource({"true,false", "false,true"})
    void betweenTwoReleasesItGoesAndIsConfirmed(boolean fromBefore, boolean toBefore) throws IOException {
        wire.fromBefore = fromBefore;
        wire.toBefore = toBefore;
        done(go());
        isThere(true);
        done(revert());
        runsHereAsBefore();
        done(go());
        done(confirm());
        isThere(true);
        assertThat(here.left(UUID_A)).isEmpty();
    }

    /** And what is refused of the guest itself keeps its remedy. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Send one JSON object, UTF-8, with the keys that the reference names. | " + MigrationOffer.SAME_RELEASE,
                "correct the document; nothing was done with it | " + MigrationOffer.SAME_RELEASE,
                MigrationOffer.SAME_RELEASE + " | " + MigrationOffer.SAME_RELEASE,
                "set hw_disk_bus of the image to virtio | set hw_disk_bus of the image to virtio",
                " | "
            })
    void anOfferOfWordsThatNobodyReadsThereNamesTheRelease(@Nullable String said, @Nullable String remedy) {
        restart((name, word, request, cancelled) -> {
            throw new BridgeException(ErrorCode.INVALID_REQUEST, "other: not so", said);
        });
        Problem problem = failed(go());
        assertThat(problem.code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        assertThat(problem.remedy()).isEqualTo(remedy);
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
        wire.protocol = 0;
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

    /** QEMU would not get the lock of a disk that another program has open. */
    @Test
    void theGuestRunsAgainOnlyWhenNobodyReadsItsDisks() {
        here.readsHang = true;
        restart((host, word, request, cancelled) -> {
            if (word != RemoteBridge.Word.RECEIVE) {
                return wire.call(host, word, request, cancelled);
            }
            Thread feeder =
                    new Thread(() -> assertThatThrownBy(() -> request.writeTo(java.io.OutputStream.nullOutputStream()))
                            .isInstanceOf(IOException.class));
            feeder.setDaemon(true);
            feeder.start();
            try {
                assertThat(here.hanging.await(10, java.util.concurrent.TimeUnit.SECONDS))
                        .isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            throw new BridgeException(ErrorCode.STORAGE_FAILED, "ssh has ended early");
        });
        assertThat(failed(go()).detail()).contains("ssh has ended early");
        assertThat(here.offWhenLeft).isTrue();
        assertThat(here.running).containsKey(UUID_A);
    }

    @Test
    void aTransferThatBreaksOffLeavesNothingThereAndTheGuestHere() {
        wire.broken = RemoteBridge.Word.RECEIVE;
        wire.doneBeforeItBreaks = true;
        assertThat(failed(go()).detail()).contains("connection broke");
        runsHereAsBefore();
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

    /** The bridge that made room hears no more of the one that asked for it. */
    @Test
    void roomForDisksThatNeverComeGoesAgain() {
        there.sourcePatience = Duration.ofMillis(300);
        restart((host, word, request, cancelled) -> {
            if (word == RemoteBridge.Word.RECEIVE) {
                destinationRests();
                throw new BridgeException(ErrorCode.STORAGE_FAILED, "nothing was sent", null, new IOException());
            }
            return wire.call(host, word, request, cancelled);
        });
        assertThat(failed(go()).detail()).contains("nothing was sent");
        assertThat(destination.operations().list())
                .anySatisfy(operation ->
                        assertThat(String.valueOf(operation.problem())).contains("nothing came from the other host"));
        runsHereAsBefore();
    }
}
