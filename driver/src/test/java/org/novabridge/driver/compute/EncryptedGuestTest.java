package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.storage.DiskKey;
import org.slf4j.LoggerFactory;

/** Guests whose disks need a key: made and started with it, left alone without. */
class EncryptedGuestTest extends OneHost {
    /** Printable, so that it would be seen in a text. */
    private static final byte[] KEY = "A-KEY-TO-BE-SEEN-BY-NOBODY-012345".getBytes(StandardCharsets.US_ASCII);

    @Override
    @BeforeEach
    void newHost() {
        super.newHost();
        host.backend = "lvm-crypt";
        restart();
    }

    private static void bring(ComputeNode node, @Nullable String disk) {
        try (DiskKey key = DiskKey.of(KEY)) {
            node.bringKey(OPERATOR, UUID_A, disk, key);
        }
    }

    private void bring(@Nullable String disk) {
        bring(life.node(), disk);
    }

    private static Function<ComputeNode, Operation> create() {
        return node -> node.create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> createWithKey() {
        return node -> {
            bring(node, null);
            return create().apply(node);
        };
    }

    private static Function<ComputeNode, Operation> start() {
        return node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE);
    }

    /** The mappings are gone, the disks are there. */
    private void restartOfTheHost() {
        host.running.clear();
        host.unlocked.clear();
        restart();
        host.calls.clear();
    }

    @Test
    void withoutItsKeyNothingIsMade() {
        assertThat(failed(create()).code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(host.left(UUID_A)).isEmpty();
        assertThat(host.calls).isEmpty();
    }

    @Test
    void aKeyOfOneDiskIsNotTheOthers() {
        bring("disk");
        assertThat(failed(create()).detail()).contains("disk.local");
        bring("disk.local");
        done(create());
    }

    @Test
    void theKeyIsForgottenOnceTheDisksAreOpen() {
        done(createWithKey());
        assertThat(host.running).containsKey(UUID_A);
        assertThat(host.unlocked).hasSize(2);
        assertThat(life.parts().keys().find(UUID_A, "disk")).isEmpty();
    }

    @Test
    void aStoppedGuestStartsAgainWithoutItsKey() {
        done(createWithKey());
        done(node -> node.powerOff(OPERATOR, UUID_A, Duration.ZERO, null, RequestKey.NONE));
        done(start());
        done(node -> node.reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        assertThat(host.running).containsKey(UUID_A);
    }

    @Test
    void afterARestartOfTheHostItStaysOffUntilItsKeyIsBrought() {
        done(createWithKey());
        restartOfTheHost();
        assertThat(failed(start()).code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(failed(node -> node.start(OPERATOR, UUID_A, false, RequestKey.NONE))
                        .code())
                .isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(host.calls).isEmpty();
        assertThat(host.running).isEmpty();

        bring(null);
        done(start());
        assertThat(host.calls).containsSubsequence("unlock disk", "unlock disk.local", "start");
        assertThat(life.parts().keys().find(UUID_A, "disk")).isEmpty();
    }

    @Test
    void aSavedGuestIsBroughtBackWithItsKeyAlone() {
        done(createWithKey());
        done(node -> node.suspend(OPERATOR, UUID_A, RequestKey.NONE));
        restartOfTheHost();
        assertThat(failed(node -> node.resume(OPERATOR, UUID_A, RequestKey.NONE))
                        .code())
                .isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(host.saved).containsKey(UUID_A);
        bring(null);
        done(node -> node.resume(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
    }

    @Test
    void aStartThatFailsClosesWhatItHasOpened() {
        done(createWithKey());
        restartOfTheHost();
        bring(null);
        host.failAt = "start";
        failed(start());
        assertThat(host.unlocked).isEmpty();
        host.failAt = null;
        // The key is still there: it has not been of use yet.
        done(start());
        assertThat(host.unlocked).hasSize(2);
    }

    @Test
    void aDeleteClosesTheDisksBeforeItRemovesThem() {
        done(createWithKey());
        bring(null);
        host.calls.clear();
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.calls).containsSubsequence("destroy", "lock disk", "remove disk", "lock disk.local");
        assertThat(host.unlocked).isEmpty();
        assertThat(host.left(UUID_A)).isEmpty();
        assertThat(life.parts().keys().find(UUID_A, "disk")).isEmpty();
    }

    @Test
    void aDeleteDoesNotTakeAnotherVolumeGroupForAnEmptyOne() {
        done(createWithKey());
        host.place = "/elsewhere";
        assertThat(failed(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE))
                        .detail())
                .contains("/instances/" + UUID_A + "/disk.volume", "/elsewhere/");
        assertThat(host.disks).hasSize(2);
        host.place = "/instances";
        done(node -> node.delete(OPERATOR, UUID_A, RequestKey.NONE));
    }

    @Test
    void theImageOfARunningGuestIsMadeWhileItIsSavedAndSaysWhy() {
        done(createWithKey());
        Operation ended =
                ended(node -> node.snapshot(OPERATOR, UUID_A, new SnapshotRequest(null, null, null), RequestKey.NONE));
        assertThat(ended.result()).containsEntry("way", "saved");
        assertThat(String.valueOf(ended.result().get("reason"))).contains("encrypted", "key");
        assertThat(host.running).containsKey(UUID_A);
    }

    @Test
    void whenTheKeyIsBroughtTheGuestGoesOnWhileItsImageIsMade() {
        done(createWithKey());
        host.takesPictures = true;
        Operation ended = ended(node -> {
            bring(node, null);
            return node.snapshot(OPERATOR, UUID_A, new SnapshotRequest(null, null, null), RequestKey.NONE);
        });
        assertThat(ended.result()).containsEntry("way", "live");
        assertThat(host.calls).doesNotContain("suspend", "managed save");
        assertThat(host.pictures).isEmpty();
        assertThat(life.parts().keys().find(UUID_A, "disk")).isEmpty();
    }

    private static Function<ComputeNode, Operation> resize(Flavor flavor, boolean online) {
        return node -> node.resize(OPERATOR, UUID_A, new ResizeRequest(flavor, online, false), RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> revert() {
        return node -> node.revertResize(OPERATOR, UUID_A, RequestKey.NONE);
    }

    @Test
    void anOpenDiskGrowsWithoutItsKey() {
        host.disksAreBlocks = true;
        done(createWithKey());
        host.calls.clear();
        done(resize(FakeHost.flavor(1, 2, 1, 0), true));
        done(resize(FakeHost.flavor(2, 3, 1, 0), false));
        assertThat(host.calls)
                .containsSubsequence("grow disk", "tell vda", "shutdown", "keep disk", "grow disk", "start")
                .noneMatch(call -> call.startsWith("unlock"));
        done(node -> node.confirmResize(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(host.unlocked).hasSize(2);
    }

    /** What comes back is another volume, on which no mapping lies. */
    @Test
    void aGuestThatRanIsRevertedWithItsKeyAlone() {
        done(createWithKey());
        done(resize(FakeHost.flavor(2, 3, 1, 0), false));
        host.calls.clear();
        assertThat(failed(revert()).code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(host.calls).isEmpty();
        assertThat(host.running).containsKey(UUID_A);
        bring(null);
        done(revert());
        assertThat(host.calls).containsSubsequence("destroy", "restore disk", "unlock disk", "start");
        assertThat(host.running).containsKey(UUID_A);
        assertThat(life.parts().keys().find(UUID_A, "disk")).isEmpty();
    }

    @Test
    void aGuestThatWasOffIsRevertedWithoutIt() {
        done(createWithKey());
        done(node -> node.powerOff(OPERATOR, UUID_A, Duration.ZERO, null, RequestKey.NONE));
        done(resize(FakeHost.flavor(2, 3, 1, 0), false));
        done(revert());
        assertThat(host.unlocked).isEmpty();
        assertThat(host.running).isEmpty();
    }

    @Test
    void aDiskThatAResizeAddsWantsAKeyBeforeTheGuestIsTouched() {
        done(createWithKey());
        host.calls.clear();
        Problem refused = failed(resize(FakeHost.flavor(1, 1, 1, 64), false));
        assertThat(refused.code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        assertThat(refused.detail()).contains("no key for disk.swap");
        assertThat(host.calls).isEmpty();
        bring(null);
        done(resize(FakeHost.flavor(1, 1, 1, 64), false));
        assertThat(host.unlocked).contains(UUID_A + "/disk.swap");
    }

    @Test
    void novaBringsNoKeysForTheOperatorsGuests() {
        done(createWithKey());
        try (DiskKey key = DiskKey.of(KEY)) {
            assertThatThrownBy(() -> life.node().bringKey(NOVA, UUID_A, null, key))
                    .isInstanceOfSatisfying(
                            BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
            assertThatThrownBy(() -> life.node().bringKey(OPERATOR, UUID_A, "../x", key))
                    .isInstanceOfSatisfying(
                            BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
            life.node().bringKey(NOVA, OperationsTest.UUID_B, null, key);
        }
    }

    @Test
    void aCreateThatDiesAnywhereLeavesNoDiskAndNoMapping() {
        int places = dyingEverywhere(() -> {}, createWithKey(), where -> {
            if (life.operations().list().stream().noneMatch(o -> o.state() == Operation.State.DONE)) {
                assertThat(host.left(UUID_A)).as(where).isEmpty();
                assertThat(host.unlocked).as(where).isEmpty();
            }
        });
        assertThat(places).isGreaterThan(30);
    }

    @Test
    void aStartThatDiesAnywhereLeavesTheDisksOpenOnlyUnderARunningGuest() {
        Function<ComputeNode, Operation> startWithKey = node -> {
            bring(node, null);
            return start().apply(node);
        };
        int places = dyingEverywhere(
                () -> {
                    done(createWithKey());
                    restartOfTheHost();
                },
                startWithKey,
                where -> {
                    assertThat(host.disks).as(where).hasSize(2);
                    assertThat(host.unlocked).as(where).hasSize(host.running.isEmpty() ? 0 : 2);
                });
        assertThat(places).isGreaterThan(10);
    }

    @Test
    void theKeyIsWrittenNowhere() throws IOException {
        Logger all = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = all.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        all.addAppender(log);
        all.setLevel(Level.TRACE);
        try {
            done(createWithKey());
            restartOfTheHost();
            bring(null);
            host.failAt = "start";
            failed(start());
            bring("disk");
            failed(node -> node.start(OPERATOR, UUID_A, false, RequestKey.NONE));
        } finally {
            all.setLevel(before);
            all.detachAppender(log);
        }
        StringBuilder written = new StringBuilder();
        log.list.forEach(event -> written.append(event.getFormattedMessage())
                .append(Arrays.toString(event.getArgumentArray()))
                .append(
                        event.getThrowableProxy() == null
                                ? ""
                                : event.getThrowableProxy().getMessage()));
        life.operations().list().forEach(operation -> written.append(operation));
        try (Stream<Path> files = Files.walk(host.root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                written.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(written).contains(UUID_A, "the key of");
        for (String form : List.of(
                new String(KEY, StandardCharsets.US_ASCII),
                HexFormat.of().formatHex(KEY),
                Base64.getEncoder().encodeToString(KEY),
                Arrays.toString(KEY))) {
            assertThat(written.toString().contains(form))
                    .as("somewhere the key is written")
                    .isFalse();
        }
        assertThat(DiskKey.of(KEY)).hasToString("DiskKey(***)");
        assertThat(life.parts().toString()).doesNotContain("A-KEY");
    }
}
