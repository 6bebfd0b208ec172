package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.ErrorCode;

/** Ports that come to a guest and go from it, on a host of maps. */
class GuestPortTest extends OneHost {
    private static final String MAC = "fa:16:3e:00:00:01";
    private static final Map<String, Object> PORT = Map.of("id", "p-1", "type", "bridge", "address", MAC);

    @BeforeEach
    void guest() {
        done(node -> node.create(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.calls.clear();
    }

    private static Function<ComputeNode, Operation> attach() {
        return node -> node.attachInterface(NOVA, UUID_A, PORT, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> detach() {
        return node -> node.detachInterface(NOVA, UUID_A, MAC, RequestKey.NONE);
    }

    /** Where the port is known. */
    private List<String> known() {
        List<String> places = new ArrayList<>();
        if (host.running.containsKey(UUID_A)
                && host.live.getOrDefault(UUID_A, "").contains(MAC)) {
            places.add("live");
        }
        if (host.definitions.getOrDefault(UUID_A, "").contains(MAC)) {
            places.add("definition");
        }
        if (!life.parts().planner().read(record().spec()).networkInfo().isEmpty()) {
            places.add("record");
        }
        return places;
    }

    @Test
    void aRunningGuestGetsAPortAndGivesItBack() {
        assertThat(done(attach()).result()).containsEntry("mac", MAC).containsEntry("live", true);
        assertThat(host.calls).containsExactly("attach live persistent");
        assertThat(known()).containsExactly("live", "definition", "record");
        done(attach());
        host.calls.clear();
        assertThat(done(detach()).result()).containsEntry("found", true);
        assertThat(host.calls).containsExactly("detach live", "detach persistent");
        assertThat(known()).isEmpty();
        assertThat(done(detach()).result()).containsEntry("found", false);
    }

    @Test
    void aPortOutlivesAReboot() {
        done(attach());
        done(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, null, RequestKey.NONE));
        assertThat(known()).containsExactly("live", "definition", "record");
    }

    @Test
    void aGuestThatDoesNotLetGoKeepsThePortEverywhere() {
        done(attach());
        host.lettingGo.set(100);
        Operation refused = ended(detach());
        assertThat(Objects.requireNonNull(refused.problem()).code()).isEqualTo(ErrorCode.DEVICE_DETACH_FAILED);
        assertThat(known()).containsExactly("live", "definition", "record");
    }

    @Test
    void anAttachThatFailsLeavesNothing() {
        host.failOnce = "attach";
        assertThat(ended(attach()).state()).isEqualTo(Operation.State.FAILED);
        assertThat(known()).isEmpty();
        done(attach());
    }

    /** After a crash the port is known to guest, definition and record, or to none; and the next try ends it. */
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
                        done(node -> node.stop(NOVA, UUID_A, RequestKey.NONE));
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
