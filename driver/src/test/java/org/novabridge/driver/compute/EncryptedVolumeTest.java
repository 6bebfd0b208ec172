package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;
import static org.novabridge.driver.compute.OperationsTest.UUID_B;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.VolumeSecret;
import org.novabridge.driver.storage.DiskKey;

/** Volumes that QEMU decrypts: libvirt has their keys as long as a guest has them, and no longer. */
class EncryptedVolumeTest extends OneHost {
    /** Printable, so that it would be seen in a text. */
    private static final byte[] KEY = "A-KEY-TO-BE-SEEN-BY-NOBODY-012345".getBytes(StandardCharsets.US_ASCII);

    private static final String PASSPHRASE = HexFormat.of().formatHex(KEY);
    private static final BlockDevice VOLUME = Volumes.encrypted("v-1", "vdc", "/mnt/v-1");

    private static void bring(ComputeNode node) {
        try (DiskKey key = DiskKey.of(KEY)) {
            node.bringVolumeKey(NOVA, UUID_A, "v-1", key);
        }
    }

    private void guest() {
        done(node -> node.create(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.calls.clear();
    }

    /** A guest that runs with the volume. */
    private void guestWithIt() {
        guest();
        done(attachWithKey());
        host.calls.clear();
    }

    private static Function<ComputeNode, Operation> attach() {
        return node -> node.attachVolume(NOVA, UUID_A, VOLUME, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> attachWithKey() {
        return node -> {
            bring(node);
            return attach().apply(node);
        };
    }

    private static Function<ComputeNode, Operation> detach() {
        return node -> node.detachVolume(NOVA, UUID_A, "/dev/vdc", null, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> powerOff() {
        return node -> node.powerOff(NOVA, UUID_A, Duration.ZERO, null, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> powerOn() {
        return node -> node.powerOn(NOVA, UUID_A, null, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> reboot(RebootType type) {
        return node -> node.reboot(NOVA, UUID_A, type, null, RequestKey.NONE);
    }

    private void restartOfTheHost() {
        host.running.clear();
        host.secrets.clear();
        restart();
        host.calls.clear();
    }

    private void demandUnseen(String where) {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(where + ": " + file)
                        .doesNotContain("A-KEY-TO-BE-SEEN", PASSPHRASE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theKeyGoesToLibvirtBeforeTheGuestGetsTheVolumeAndFromItAfterwards() {
        guest();
        done(attachWithKey());
        assertThat(host.calls).containsExactly("keep key of v-1", "attach live persistent");
        assertThat(host.secrets).containsExactly(Map.entry("v-1", PASSPHRASE));
        assertThat(host.live.get(UUID_A))
                .contains("<encryption format=\"luks\">", "uuid=\"" + new VolumeSecret("v-1").uuid() + "\"")
                .doesNotContain(PASSPHRASE);
        assertThat(life.parts().keys().findOfVolume(UUID_A, "v-1")).isEmpty();
        demandUnseen("after the attach");
        host.calls.clear();
        done(detach());
        assertThat(host.calls).containsExactly("detach live", "detach persistent", "remove key of v-1");
        assertThat(host.secrets).isEmpty();
    }

    @Test
    void withoutItsKeyTheVolumeIsRefusedBeforeTheGuestIsTouched() {
        guest();
        Problem problem = failed(attach());
        assertThat(problem.code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(problem.remedy()).contains("nova-bridge instance key", "--volume v-1");
        assertThat(host.calls).isEmpty();
        assertThat(host.definitions.get(UUID_A)).doesNotContain("v-1");
    }

    @Test
    void theKeyOfADiskIsNotAVolumes() {
        guest();
        try (DiskKey key = DiskKey.of(KEY)) {
            life.node().bringKey(NOVA, UUID_A, null, key);
        }
        assertThat(failed(attach()).code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
    }

    @Test
    void aGuestIsBuiltWithIt() {
        done(node -> node.prepare(
                NOVA, Volumes.with(FakeHost.spec(UUID_A), Volumes.encrypted("v-1", "vdc", null)), RequestKey.NONE));
        Function<ComputeNode, Operation> start =
                node -> node.start(NOVA, UUID_A, false, Volumes.with(FakeHost.spec(UUID_A), VOLUME), RequestKey.NONE);
        assertThat(failed(start).code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(host.running).isEmpty();
        bring(life.node());
        done(start);
        assertThat(host.calls).containsSubsequence("define", "keep key of v-1", "start");
        demandUnseen("after the start");
        done(node -> node.delete(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.secrets).isEmpty();
        assertThat(host.left(UUID_A)).isEmpty();
    }

    @Test
    void whoStartsOrRebootsItAgainNeedNotBringTheKey() {
        guestWithIt();
        done(powerOff());
        done(powerOn());
        done(reboot(RebootType.HARD));
        done(reboot(RebootType.SOFT));
        done(node -> node.suspend(NOVA, UUID_A, RequestKey.NONE));
        done(node -> node.resume(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.running).containsKey(UUID_A);
        assertThat(host.secrets).containsKey("v-1");
        assertThat(host.calls).doesNotContain("keep key of v-1");
    }

    @Test
    void afterARestartOfTheHostTheGuestStaysOffUntilTheKeyIsBrought() {
        guestWithIt();
        restartOfTheHost();
        assertThat(failed(powerOn()).code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(failed(node -> node.start(NOVA, UUID_A, false, RequestKey.NONE))
                        .code())
                .isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(host.running).isEmpty();
        assertThat(host.calls).doesNotContain("start");
        bring(life.node());
        done(powerOn());
        assertThat(host.secrets).containsEntry("v-1", PASSPHRASE);
    }

    @Test
    void aGuestThatWasSuspendedIsBroughtBackWithItsKeyAlone() {
        guestWithIt();
        done(node -> node.suspend(NOVA, UUID_A, RequestKey.NONE));
        restartOfTheHost();
        Function<ComputeNode, Operation> resume = node -> node.resume(NOVA, UUID_A, RequestKey.NONE);
        assertThat(failed(resume).code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(host.saved).containsKey(UUID_A);
        bring(life.node());
        done(resume);
        assertThat(host.running).containsKey(UUID_A);
    }

    @Test
    void aHardRebootWithoutItIsRefusedWhileTheGuestRuns() {
        guestWithIt();
        host.secrets.clear();
        assertThat(failed(reboot(RebootType.HARD)).code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED);
        assertThat(host.running).containsKey(UUID_A);
        assertThat(host.calls).isEmpty();
    }

    @Test
    void whatNovaDoesNotNameAnyMoreHasNoKey() {
        guestWithIt();
        done(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, FakeHost.spec(UUID_A), RequestKey.NONE));
        assertThat(host.secrets).isEmpty();
    }

    @Test
    void theKeyStaysWhileAnotherGuestHasTheVolume() {
        guestWithIt();
        done(node -> node.create(NOVA, Volumes.with(FakeHost.spec(OperationsTest.UUID_B), VOLUME), RequestKey.NONE));
        done(detach());
        assertThat(host.secrets).containsKey("v-1");
        done(node -> node.delete(NOVA, OperationsTest.UUID_B, RequestKey.NONE));
        assertThat(host.secrets).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"attach live persistent", "keep key of v-1"})
    void anAttachThatFailsLeavesNoKey(String at) {
        guest();
        host.failAt = at;
        failed(attachWithKey());
        host.failAt = null;
        assertThat(host.secrets).isEmpty();
        assertThat(host.live.get(UUID_A)).doesNotContain("v-1");
    }

    @Test
    void aStartThatFailsLeavesNoKeyThatItBrought() {
        guestWithIt();
        restartOfTheHost();
        bring(life.node());
        host.failAt = "start";
        failed(powerOn());
        assertThat(host.secrets).isEmpty();
    }

    @Test
    void aBridgeThatDiesAnywhereInAnAttachLeavesTheKeyWithTheVolumeOrNeither() {
        int places = dyingEverywhere(this::guest, attachWithKey(), where -> {
            boolean has = host.live.getOrDefault(UUID_A, "").contains("v-1");
            assertThat(host.secrets.containsKey("v-1")).as(where).isEqualTo(has);
            demandUnseen(where);
        });
        assertThat(places).isGreaterThan(4);
    }

    /** As when Nova has detached it from a server that is off. */
    @Test
    void orInAHardRebootWithoutTheVolume() {
        Function<ComputeNode, Operation> without =
                node -> node.reboot(NOVA, UUID_A, RebootType.HARD, FakeHost.spec(UUID_A), RequestKey.NONE);
        int places = dyingEverywhere(this::guestWithIt, without, where -> {
            boolean has = host.live.getOrDefault(UUID_A, "").contains("v-1");
            if (!has) {
                done(without);
                assertThat(host.secrets).as(where).isEmpty();
            }
        });
        assertThat(places).isGreaterThan(4);
    }

    /** Nobody knows which volumes that guest has. */
    @Test
    void aSpecThatCannotBeReadHoldsUpNoRemovalAndCostsNoGuestItsKey() {
        guestWithIt();
        done(node -> node.create(NOVA, FakeHost.spec(UUID_B), RequestKey.NONE));
        InstanceRecord other = life.parts().records().find(UUID_B).orElseThrow();
        life.parts().records().save(other.withSpec(TextNode.valueOf(UUID_B + " unreadable")));

        done(node -> node.release(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.secrets).containsKey("v-1");
        done(node -> node.release(NOVA, UUID_B, RequestKey.NONE));
        assertThat(life.node().list()).isEmpty();
    }

    @Test
    void orInADetach() {
        int places = dyingEverywhere(this::guestWithIt, detach(), where -> {
            if (host.live.getOrDefault(UUID_A, "").contains("v-1")) {
                assertThat(host.secrets).as(where).containsKey("v-1");
            }
            done(detach());
            assertThat(host.secrets).as(where).isEmpty();
        });
        assertThat(places).isGreaterThan(4);
    }

    @Test
    void aKeyIsTakenFromItsOwnerForAVolumeThatHasAName() {
        guest();
        try (DiskKey key = DiskKey.of(KEY)) {
            assertThatThrownBy(() -> life.node().bringVolumeKey(NOVA, UUID_A, "../x", key))
                    .isInstanceOfSatisfying(
                            BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
            life.node().bringVolumeKey(OPERATOR, UUID_A, "v-1", key);
        }
        assertThat(life.parts().keys().findOfVolume(UUID_A, "v-1")).isPresent();
    }
}
