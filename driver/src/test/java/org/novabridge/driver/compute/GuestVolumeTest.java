package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.xml.DomainXml;

/** Volumes of a guest, from its build on and while it is there, on a host of maps. */
class GuestVolumeTest extends OneHost {
    private static final BlockDevice VOLUME = Volumes.file("v-1", "vdc", "/mnt/v-1");
    private static final BlockDevice OTHER = Volumes.file("v-2", "vdd", "/mnt/v-2");

    private void guest() {
        done(node -> node.create(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.calls.clear();
    }

    private static InstanceSpec with(BlockDevice... volumes) {
        return Volumes.with(FakeHost.spec(UUID_A), volumes);
    }

    private static InstanceSpec unconnected() {
        return with(Volumes.file("v-1", "vdc", null));
    }

    private static Function<ComputeNode, Operation> attach() {
        return node -> node.attachVolume(NOVA, UUID_A, VOLUME, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> detach() {
        return node -> node.detachVolume(NOVA, UUID_A, "/dev/vdc", "v-1", RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> powerOff() {
        return node -> node.stop(NOVA, UUID_A, RequestKey.NONE);
    }

    /** Where the volume is known. */
    private List<String> known(String volume) {
        List<String> places = new ArrayList<>();
        if (host.running.containsKey(UUID_A) && has(host.live.get(UUID_A), volume)) {
            places.add("live");
        }
        if (has(host.definitions.get(UUID_A), volume)) {
            places.add("definition");
        }
        if (life.parts().planner().read(record().spec()).blockDeviceInfo().volumes().stream()
                .anyMatch(one -> one.volumeId().filter(volume::equals).isPresent())) {
            places.add("record");
        }
        return places;
    }

    private static boolean has(@Nullable String document, String volume) {
        return document != null
                && DomainXml.read(document).disks().stream().anyMatch(disk -> volume.equals(disk.serial()));
    }

    private List<String> known() {
        return known("v-1");
    }

    @Test
    void aGuestStartsWithTheVolumesThatWereConnectedAfterItWasPrepared() {
        Operation prepared = done(node -> node.prepare(NOVA, unconnected(), RequestKey.NONE));
        assertThat(prepared.result()).containsKey("outside");
        assertThat(failed(node -> node.start(NOVA, UUID_A, false, RequestKey.NONE))
                        .code())
                .isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(host.definitions).isEmpty();
        done(node -> node.start(NOVA, UUID_A, false, with(VOLUME), RequestKey.NONE));
        assertThat(known()).containsExactly("live", "definition", "record");
        done(node -> node.delete(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A)).isEmpty();
    }

    @Test
    void aVolumeThatThisHostNeedsIsRefusedBeforeTheGuestIsTouched() {
        host.volumeSources = volume -> {
            throw new BridgeException(ErrorCode.FORBIDDEN, volume.target() + " is mounted");
        };
        guest();
        assertThat(failed(attach()).code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(failed(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, with(VOLUME), RequestKey.NONE))
                        .code())
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(host.calls).isEmpty();
        assertThat(known()).isEmpty();
    }

    @Test
    void aRunningGuestGetsAVolumeAndGivesItBack() {
        guest();
        assertThat(done(attach()).result()).containsEntry("device", "/dev/vdc").containsEntry("live", true);
        assertThat(host.calls).containsExactly("attach live persistent");
        assertThat(known()).containsExactly("live", "definition", "record");
        host.calls.clear();
        assertThat(done(detach()).result()).containsEntry("found", true);
        assertThat(host.calls).containsExactly("detach live", "detach persistent");
        assertThat(known()).isEmpty();
    }

    @Test
    void aStoppedGuestTooInItsDefinition() {
        guest();
        done(powerOff());
        host.calls.clear();
        assertThat(done(attach()).result()).containsEntry("live", false);
        assertThat(host.calls).containsExactly("attach persistent");
        done(node -> node.powerOn(NOVA, UUID_A, null, RequestKey.NONE));
        assertThat(known()).containsExactly("live", "definition", "record");
        done(powerOff());
        done(detach());
        assertThat(known()).isEmpty();
    }

    @Test
    void whatIsDoneAlreadyIsSuccess() {
        guest();
        done(attach());
        done(attach());
        assertThat(host.calls).containsExactly("attach live persistent");
        done(detach());
        assertThat(done(detach()).result()).containsEntry("found", false);
    }

    @Test
    void aVolumeOutlivesAReboot() {
        guest();
        done(attach());
        done(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        assertThat(known()).containsExactly("live", "definition", "record");
        done(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, with(OTHER), RequestKey.NONE));
        assertThat(known()).as("Nova says what it has").isEmpty();
        assertThat(known("v-2")).hasSize(3);
    }

    @Test
    void aGuestIsAskedAgainUntilItLetsGo() {
        guest();
        done(attach());
        host.lettingGo.set(1);
        done(detach());
        assertThat(known()).isEmpty();
    }

    @Test
    void aGuestThatDoesNotLetGoKeepsTheVolumeEverywhere() {
        guest();
        done(attach());
        host.lettingGo.set(100);
        Problem problem = failed(detach());
        assertThat(problem.code()).isEqualTo(ErrorCode.DEVICE_DETACH_FAILED);
        assertThat(problem.detail()).contains("asked 2 times for vdc");
        assertThat(problem.remedy()).contains("stop the guest");
        assertThat(known()).containsExactly("live", "definition", "record");
        host.lettingGo.set(0);
        done(detach());
        assertThat(known()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"attach live persistent", "attach persistent"})
    void anAttachThatFailsLeavesNothing(String at) {
        guest();
        if (at.equals("attach persistent")) {
            done(powerOff());
        }
        host.failOnce = at;
        failed(attach());
        assertThat(known()).isEmpty();
        done(attach());
        assertThat(known()).contains("definition", "record");
    }

    @ParameterizedTest
    @CsvSource({
        "/dev/vda,, INVALID_REQUEST",
        "vdc, v-2, INVALID_REQUEST",
        ", v-9, VOLUME_NOT_FOUND",
        ",, VOLUME_NOT_FOUND",
    })
    void onlyAVolumeOfTheGuestIsDetached(String device, String volume, ErrorCode code) {
        guest();
        done(attach());
        host.calls.clear();
        assertThat(failed(node -> node.detachVolume(NOVA, UUID_A, device, volume, RequestKey.NONE))
                        .code())
                .isEqualTo(code);
        assertThat(host.calls).isEmpty();
        done(node -> node.detachVolume(NOVA, UUID_A, null, "v-1", RequestKey.NONE));
        assertThat(known()).isEmpty();
    }

    @Test
    void aNameOrAVolumeIsAttachedOnce() {
        guest();
        done(attach());
        for (BlockDevice second : List.of(
                Volumes.file("v-1", "vdd", "/mnt/v-1"),
                Volumes.file("v-2", "vdc", "/mnt/v-2"),
                Volumes.file("v-2", "vdd", null))) {
            assertThat(failed(node -> node.attachVolume(NOVA, UUID_A, second, RequestKey.NONE))
                            .code())
                    .isEqualTo(ErrorCode.INVALID_REQUEST);
        }
        assertThat(known()).hasSize(3);
        assertThat(known("v-2")).isEmpty();
    }

    @Test
    void aSuspendedOrRescuedGuestKeepsItsDevices() {
        guest();
        done(node -> node.suspend(NOVA, UUID_A, RequestKey.NONE));
        assertThat(failed(attach()).code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
        done(node -> node.resume(NOVA, UUID_A, RequestKey.NONE));
        done(attach());
        done(node -> node.rescue(NOVA, UUID_A, FakeHost.RESCUE, RequestKey.NONE));
        assertThat(failed(detach()).code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
    }

    @Test
    void aRunningGuestIsToldThatItsVolumeHasGrown() {
        guest();
        done(attach());
        done(node -> node.extendVolume(NOVA, UUID_A, "v-1", 5L << 30, RequestKey.NONE));
        assertThat(host.told).containsEntry("vdc", 5L << 30);
        done(powerOff());
        assertThat(done(node -> node.extendVolume(NOVA, UUID_A, "v-1", 6L << 30, RequestKey.NONE))
                        .result())
                .containsEntry("told", false);
        assertThat(failed(node -> node.extendVolume(NOVA, UUID_A, "v-9", 1, RequestKey.NONE))
                        .code())
                .isEqualTo(ErrorCode.VOLUME_NOT_FOUND);
    }

    /** After a crash the volume is known to guest, definition and record, or to none; and the next try ends it. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void whereverTheBridgeDiesAllSayTheSame(boolean attaching, boolean runs) {
        List<String> all = runs ? List.of("live", "definition", "record") : List.of("definition", "record");
        Function<ComputeNode, Operation> ask = attaching ? attach() : detach();
        int places = dyingEverywhere(
                () -> {
                    guest();
                    if (!attaching) {
                        done(attach());
                    }
                    if (!runs) {
                        done(powerOff());
                    }
                },
                ask,
                where -> {
                    assertThat(List.of(List.of(), all)).as(where).contains(known());
                    done(ask);
                    assertThat(known()).as(where).isEqualTo(attaching ? all : List.of());
                });
        assertThat(places).isGreaterThan(7);
    }
}
