package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.NovasGuest.file;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.DiskContent;

/** Guests that Nova's own driver made are taken over, on a host of maps. */
class GuestAdoptionTest extends OneHost {
    private static final String PLACE = "/instances/" + UUID_A;
    private static final String ROOT = file("vda", "qcow2", PLACE + "/disk");
    private static final String LOCAL = file("vdb", "qcow2", PLACE + "/disk.local");
    private static final InstanceSpec SPEC = FakeHost.spec(UUID_A);

    @BeforeEach
    void guest() {
        host.definitions.put(UUID_A, NovasGuest.document(UUID_A, ROOT, LOCAL));
        host.running.put(UUID_A, GuestState.RUNNING);
        disk("disk");
        disk("disk.local");
    }

    private void disk(String name) {
        host.disks.put(UUID_A + "/" + name, new DiskContent.Blank(1 << 30));
        host.written.put(UUID_A + "/" + name, "novas");
    }

    private static Function<ComputeNode, Operation> adopt(@Nullable InstanceSpec spec, boolean dryRun) {
        return node -> node.adopt(NOVA, UUID_A, spec, dryRun, RequestKey.NONE);
    }

    private void demandUnrecorded() {
        assertThat(life.parts().records().find(UUID_A)).isEmpty();
        assertThat(host.calls).isEmpty();
        assertThat(host.written).containsEntry(UUID_A + "/disk", "novas");
    }

    @Test
    void aGuestThatRunsIsTakenOverAndNothingOfItIsTouched() {
        String before = host.definitions.get(UUID_A);
        Operation adopted = done(adopt(SPEC, false));

        assertThat(adopted.result()).containsEntry("adopted", true).containsEntry("backend", "qcow2");
        assertThat(host.calls).isEmpty();
        assertThat(host.definitions).containsEntry(UUID_A, before);
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        InstanceRecord made = record();
        assertThat(made.owner()).isEqualTo(InstanceOwner.NOVA);
        assertThat(made.name()).isEqualTo(SPEC.instance().name());
        assertThat(made.backend()).isEqualTo("qcow2");
        assertThat(made.disks())
                .containsExactly(
                        new RecordedDisk("disk", "qcow2", "file", PLACE + "/disk", "qcow2", null),
                        new RecordedDisk("disk.local", "qcow2", "file", PLACE + "/disk.local", "qcow2", null));

        restart();
        assertThat(done(adopt(SPEC, false)).result()).as("known by now").containsEntry("adopted", false);
        assertThat(record()).isEqualTo(made);
    }

    /** What the record says of the format wins over images_type from now on. */
    @Test
    void theFormatIsThatOfItsDomainWhateverIsMadeToday() {
        host.backend = "qcow2";
        host.definitions.put(
                UUID_A,
                NovasGuest.document(
                        UUID_A, file("vda", "raw", PLACE + "/disk"), file("vdb", "raw", PLACE + "/disk.local")));
        done(adopt(SPEC, false));
        assertThat(record().backend()).isEqualTo("raw");
        assertThat(record().disks()).extracting(RecordedDisk::format).containsExactly("raw", "raw");
    }

    /** What users do first on a host that has just switched over. */
    enum Then {
        SNAPSHOT(node -> node.snapshot(NOVA, UUID_A, new SnapshotRequest(null, null, null), RequestKey.NONE)),
        RESIZE(node -> node.resize(
                NOVA, UUID_A, new ResizeRequest(FakeHost.flavor(2, 3, 1, 0), false, false), RequestKey.NONE)),
        RESCUE(node -> node.rescue(NOVA, UUID_A, FakeHost.RESCUE, RequestKey.NONE)),
        ATTACH_VOLUME(node -> node.attachVolume(NOVA, UUID_A, Volumes.file("v-1", "vdc", "/mnt/v-1"), RequestKey.NONE)),
        ATTACH_INTERFACE(node -> node.attachInterface(
                NOVA, UUID_A, Map.of("id", "p-1", "type", "bridge", "address", "fa:16:3e:00:00:01"), RequestKey.NONE)),
        REBOOT_SOFT(node -> node.reboot(NOVA, UUID_A, RebootType.SOFT, SPEC, RequestKey.NONE)),
        REBOOT_HARD(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, SPEC, RequestKey.NONE)),
        SUSPEND(node -> node.suspend(NOVA, UUID_A, RequestKey.NONE));

        private final Function<ComputeNode, Operation> ask;

        Then(Function<ComputeNode, Operation> ask) {
            this.ask = ask;
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterItAllIsDoneAsForOneOfOurs(Then then) {
        done(adopt(SPEC, false));
        done(then.ask);
        done(node -> node.delete(NOVA, UUID_A, RequestKey.NONE));
        assertThat(host.left(UUID_A))
                .filteredOn(left -> !left.startsWith("image "))
                .isEmpty();
    }

    /** Requests that bring the spec anyhow. */
    enum Bringing {
        POWER_ON(true, node -> node.powerOn(NOVA, UUID_A, SPEC, RequestKey.NONE)),
        START(true, node -> node.start(NOVA, UUID_A, false, SPEC, RequestKey.NONE)),
        REDEFINE(true, node -> node.redefine(NOVA, UUID_A, SPEC, RequestKey.NONE)),
        REBOOT_HARD(false, node -> node.reboot(NOVA, UUID_A, RebootType.HARD, SPEC, RequestKey.NONE));

        private final boolean stopped;
        private final Function<ComputeNode, Operation> ask;

        Bringing(boolean stopped, Function<ComputeNode, Operation> ask) {
            this.stopped = stopped;
            this.ask = ask;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRequestWithTheSpecTakesItOverAndGivesItADocumentOfOurs(Bringing request) {
        if (request.stopped) {
            host.running.remove(UUID_A);
        }
        done(request.ask);
        assertThat(record().owner()).isEqualTo(InstanceOwner.NOVA);
        assertThat(host.definitions.get(UUID_A)).contains("cache='none' vcpus='1'");
        assertThat(host.running.containsKey(UUID_A)).isEqualTo(request != Bringing.REDEFINE);
        assertThat(host.written)
                .containsEntry(UUID_A + "/disk", "novas")
                .containsEntry(UUID_A + "/disk.local", "novas");
    }

    @Test
    void aHardRebootThatIsRefusedLeavesItAsItWasAndAdopted() {
        String before = host.definitions.get(UUID_A);
        host.failAt = "define";
        failed(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, SPEC, RequestKey.NONE));
        assertThat(host.definitions).containsEntry(UUID_A, before);
        assertThat(record().disks()).hasSize(2);
    }

    @Test
    void aDryRunSaysWhatWouldBeWrittenAndNeedsNoSpec() {
        for (InstanceSpec spec : new InstanceSpec[] {null, SPEC}) {
            Operation said = done(node -> node.adopt(OPERATOR, UUID_A, spec, true, RequestKey.NONE));
            assertThat(said.result())
                    .containsEntry("dry_run", true)
                    .containsEntry("adopted", false)
                    .containsEntry("backend", "qcow2");
            assertThat(said.result().get("disks"))
                    .isEqualTo(List.of(
                            Map.of("name", "disk", "backend", "qcow2", "format", "qcow2", "source", PLACE + "/disk"),
                            Map.of(
                                    "name",
                                    "disk.local",
                                    "backend",
                                    "qcow2",
                                    "format",
                                    "qcow2",
                                    "source",
                                    PLACE + "/disk.local")));
            demandUnrecorded();
        }
        assertThat(failed(adopt(null, false)).detail()).contains("spec is missing");
    }

    @Test
    void theOperatorMayHandASpecOverAndTheGuestIsStillNovas() {
        done(node -> node.adopt(OPERATOR, UUID_A, SPEC, false, RequestKey.NONE));
        assertThat(record().owner()).isEqualTo(InstanceOwner.NOVA);
    }

    @Test
    void aVolumeIsKnownByItsIdAndAnythingElseIsRefused() {
        InstanceSpec with = Volumes.with(SPEC, Volumes.file("v-1", "vdc", null));
        String volume = NovasGuest.volume("vdc", "/dev/sdx", "v-1");
        host.definitions.put(UUID_A, NovasGuest.document(UUID_A, ROOT, LOCAL, volume));
        Problem refused = failed(adopt(SPEC, false));
        assertThat(refused.code()).isEqualTo(ErrorCode.INSTANCE_INVALID_STATE);
        assertThat(refused.detail()).contains("vdc", "/dev/sdx");
        demandUnrecorded();

        assertThat(done(adopt(with, false)).result().get("volumes"))
                .isEqualTo(List.of(Map.of("device", "vdc", "source", "/dev/sdx")));
        assertThat(life.node().spec(UUID_A).orElseThrow().blockDeviceInfo().volumes())
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            elsewhere/disk | qcow2 | INSTANCE_INVALID_STATE | no disk of its own
            disk           | vmdk  | INVALID_DISK_FORMAT    | has the format vmdk
            disk.swap      | qcow2 | INSTANCE_INVALID_STATE | it should have [disk, disk.local]
            disk.rescue    | qcow2 | INSTANCE_INVALID_STATE | is rescued
            """)
    void aDiskThatIsNotWhatNovaWouldHaveMadeIsRefused(String name, String format, ErrorCode code, String why) {
        disk(name);
        host.definitions.put(
                UUID_A,
                NovasGuest.document(
                        UUID_A, file("vda", format, name.contains("/") ? "/" + name : PLACE + "/" + name), LOCAL));
        Problem refused = failed(adopt(SPEC, false));
        assertThat(refused.code()).isEqualTo(code);
        assertThat(refused.detail()).contains(UUID_A, why);
        assertThat(refused.remedy()).isNotBlank();
        demandUnrecorded();
    }

    @Test
    void whatNovaHasNotMadeOrCallsOtherwiseIsRefused() {
        host.definitions.put(UUID_A, NovasGuest.madeByHand(UUID_A, ROOT, LOCAL));
        assertThat(failed(adopt(SPEC, false)).detail()).contains("was not made by Nova");
        host.definitions.put(
                UUID_A, NovasGuest.document(UUID_A, ROOT, LOCAL).replace("<name>instance-", "<name>server-"));
        assertThat(failed(adopt(SPEC, false)).remedy()).contains("instance_name_template");
        demandUnrecorded();
    }

    @Test
    void aDiskThatTheRunningGuestHasElsewhereIsRefused() {
        host.live.put(UUID_A, NovasGuest.document(UUID_A, file("vda", "qcow2", "/tmp/overlay"), LOCAL));
        assertThat(failed(adopt(SPEC, false)).detail()).contains("runs with other disks");
        demandUnrecorded();
    }

    @Test
    void aResizeThatWaitsIsForTheDriverThatBeganIt() throws IOException {
        Files.createDirectories(host.root.resolve("instances/" + UUID_A + "_resize"));
        assertThat(failed(adopt(SPEC, false)).remedy()).contains("confirm or revert", UUID_A + "_resize");
        demandUnrecorded();
    }

    @Test
    void whereverTheBridgeDiesTheGuestIsAdoptedOrNotAndRunsOn() {
        int places = dyingEverywhere(this::guest, adopt(SPEC, false), where -> {
            assertThat(host.running).as(where).containsEntry(UUID_A, GuestState.RUNNING);
            assertThat(host.calls).as(where).isEmpty();
            assertThat(life.parts()
                            .records()
                            .find(UUID_A)
                            .map(InstanceRecord::disks)
                            .map(List::size))
                    .as(where)
                    .isIn(java.util.Optional.empty(), java.util.Optional.of(2));
            done(adopt(SPEC, false));
            done(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, SPEC, RequestKey.NONE));
        });
        assertThat(places).isGreaterThan(4);
    }
}
