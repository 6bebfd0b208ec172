package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;
import static org.novabridge.driver.compute.OperationsTest.UUID_B;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.OutsideSpec;

/** What nova-compute must undo at its start: what it has plugged or connected, or was about to, and no guest has. */
class OutsideDevicesTest extends OneHost {
    private static final String MAC = "fa:16:3e:00:00:01";
    private static final Map<String, Object> PORT = Map.of("id", "p-1", "type", "bridge", "address", MAC);
    private static final BlockDevice VOLUME = Volumes.file("v-1", "vdc", "/mnt/v-1");
    private static final OutsideSpec BOTH = new OutsideSpec(List.of(PORT), List.of(VOLUME));

    private void guest(String uuid) {
        done(node -> node.create(NOVA, FakeHost.spec(uuid), RequestKey.NONE));
    }

    private List<String> left() {
        return settled("").left().stream()
                .map(one -> one.device().kind().word() + " " + one.device().id())
                .toList();
    }

    private static Function<ComputeNode, Operation> attachVolume(String uuid) {
        return node -> node.attachVolume(NOVA, uuid, VOLUME, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> detachVolume(String uuid) {
        return node -> node.detachVolume(NOVA, uuid, "/dev/vdc", "v-1", RequestKey.NONE);
    }

    @Test
    void whatNoGuestHasIsLeftUntilItIsUndoneAlsoAfterARestart() {
        guest(UUID_A);
        life.outside().handed(UUID_A, BOTH);
        assertThat(left()).containsExactly("port p-1", "volume v-1");
        restart();
        assertThat(left()).containsExactly("port p-1", "volume v-1");
        done(attachVolume(UUID_A));
        assertThat(left()).containsExactly("port p-1");
        life.outside().undone(UUID_A, OutsideDevice.Kind.PORT, "p-1");
        life.outside().undone(UUID_A, OutsideDevice.Kind.PORT, "p-1");
        assertThat(left()).isEmpty();
        done(detachVolume(UUID_A));
        restart();
        assertThat(left()).containsExactly("volume v-1");
        life.outside().undone(UUID_A, OutsideDevice.Kind.VOLUME, "v-1");
        assertThat(host.root.resolve("state/outside")).isEmptyDirectory();
    }

    @Test
    void anInstanceThatIsGoneLeavesWhatWasNotUndone() {
        guest(UUID_A);
        life.outside().handed(UUID_A, BOTH);
        done(attachVolume(UUID_A));
        done(node -> node.delete(NOVA, UUID_A, RequestKey.NONE));
        assertThat(left()).containsExactly("port p-1", "volume v-1");
    }

    /** A caller that could not say that it has disconnected the volume may have given it to another guest since. */
    @Test
    void aVolumeThatAnotherGuestHasIsNotTakenFromIt() {
        guest(UUID_A);
        guest(UUID_B);
        life.outside().handed(UUID_A, new OutsideSpec(List.of(), List.of(VOLUME)));
        done(attachVolume(UUID_B));
        assertThat(left()).isEmpty();
        done(detachVolume(UUID_B));
        assertThat(left()).containsExactly("volume v-1");
    }

    /** The record may be behind what the guest runs with. */
    @Test
    void whatLibvirtKnowsOfAGuestIsNotTakenFromIt() {
        guest(UUID_A);
        life.outside().handed(UUID_A, BOTH);
        InstanceRecord without = record();
        done(attachVolume(UUID_A));
        done(node -> node.attachInterface(NOVA, UUID_A, PORT, RequestKey.NONE));
        life.parts().records().save(without);
        assertThat(left()).isEmpty();
    }

    @Test
    void whatIsSaidAgainKeepsItsTimeAndIsNotWrittenAnew() {
        guest(UUID_A);
        life.outside().handed(UUID_A, BOTH);
        OutsideDevices.Report before = settled("");
        life.outside().handed(UUID_A, BOTH);
        assertThat(settled("")).isEqualTo(before);
        Map<String, Object> moved = Map.of("id", "p-1", "type", "ovs", "address", MAC);
        life.outside().handed(UUID_A, new OutsideSpec(List.of(moved), List.of()));
        OutsideDevice port = settled("").left().get(0).device();
        assertThat(port.what()).containsEntry("type", "ovs");
        assertThat(port.since()).isEqualTo(before.left().get(0).device().since());
    }

    @Test
    void whatCannotBeRememberedIsRefusedBeforeItIsDone() {
        assertThatThrownBy(() -> life.outside().handed(UUID_A, BOTH))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INSTANCE_NOT_FOUND));
        guest(UUID_A);
        OutsideSpec nameless = new OutsideSpec(List.of(Map.of("type", "bridge")), List.of());
        assertThatThrownBy(() -> life.outside().handed(UUID_A, nameless)).hasMessageContaining("has no id");
        OutsideSpec many = new OutsideSpec(
                IntStream.range(0, 1025)
                        .mapToObj(i -> Map.<String, Object>of("id", "p" + i))
                        .toList(),
                List.of());
        assertThatThrownBy(() -> life.outside().handed(UUID_A, many)).hasMessageContaining("more than 1024");
        assertThat(left()).isEmpty();
    }

    /** An attach, or a detach, that dies: a guest has the volume and it is not left, or it is left; never both or neither. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void whereverTheBridgeDiesTheListIsTrue(boolean attaching, boolean waitsForItsCaller) {
        RequestKey key = waitsForItsCaller ? new RequestKey("k", "hash") : RequestKey.NONE;
        int places = dyingEverywhere(
                () -> {
                    guest(UUID_A);
                    life.outside().handed(UUID_A, new OutsideSpec(List.of(), List.of(VOLUME)));
                    if (!attaching) {
                        done(attachVolume(UUID_A));
                    }
                },
                node -> attaching
                        ? node.attachVolume(NOVA, UUID_A, VOLUME, key)
                        : node.detachVolume(NOVA, UUID_A, "/dev/vdc", "v-1", key),
                where -> {
                    List<String> left = left();
                    boolean has = host.live.getOrDefault(UUID_A, "").contains("v-1");
                    assertThat(left).as(where).isEqualTo(has ? List.of() : List.of("volume v-1"));
                });
        assertThat(places).isGreaterThan(8);
    }

    /** nova-compute's start is not to wait for a picture that takes minutes, nor for a guest that is frozen. */
    @Test
    void whatGivesAndTakesNoDevicesIsNotWaitedFor() throws InterruptedException {
        guest(UUID_A);
        life.outside().handed(UUID_A, BOTH);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Work slow = steps -> {
            begun.countDown();
            OperationsTest.await(end);
            return Map.of();
        };
        life.operations().submit(Operation.Kind.SNAPSHOT, UUID_A, NOVA, RequestKey.NONE, slow);
        begun.await();
        assertThat(life.outside().left().unsettled()).isEmpty();
        assertThat(life.outside().left().left()).hasSize(2);
        Operation attach = attachVolume(UUID_A).apply(life.node());
        assertThat(life.outside().left()).isEqualTo(new OutsideDevices.Report(List.of(), List.of(UUID_A)));
        end.countDown();
        OperationsTest.Awaited.ended(life.operations(), attach.id());
        assertThat(left()).containsExactly("port p-1");
    }

    /** Neutron and libvirt may write it in different letters. */
    @Test
    void aPortIsKnownByItsAddressInSmallAndLargeLetters() {
        guest(UUID_A);
        guest(UUID_B);
        List<Map<String, Object>> ports = IntStream.range(0, 32)
                .mapToObj(i -> Map.<String, Object>of("id", "p" + i, "address", "fa:16:3e:00:01:%02X".formatted(i)))
                .toList();
        life.outside().handed(UUID_A, new OutsideSpec(ports, List.of()));
        done(node -> node.attachInterface(
                NOVA,
                UUID_B,
                Map.of("id", "other", "type", "bridge", "address", "fa:16:3e:00:01:1f"),
                RequestKey.NONE));
        assertThat(left()).hasSize(31).doesNotContain("port p31");
    }

    /** Asks as a starting nova-compute does. */
    private OutsideDevices.Report settled(String where) {
        Instant end = Instant.now().plusSeconds(30);
        while (true) {
            OutsideDevices.Report report = life.outside().left();
            if (report.unsettled().isEmpty()) {
                return report;
            }
            assertThat(report.left())
                    .as("%s: of what is not settled nothing is told", where)
                    .isEmpty();
            assertThat(Instant.now()).as(where).isBefore(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** Who was not answered may not have been heard; who was is. */
    @Test
    void whatIsBeingRememberedWhenTheBridgeDiesIsRememberedOrNot() {
        int places = lifeEndingEverywhere(
                () -> guest(UUID_A),
                dying -> {
                    dying.outside().handed(UUID_A, BOTH);
                    return dying.node().stop(NOVA, UUID_A, RequestKey.NONE);
                },
                where -> assertThat(left()).as(where).hasSize(where.endsWith("outside before save") ? 0 : 2));
        assertThat(places).isGreaterThan(4);
    }
}
