package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.hypervisor.GuestState;

/**
 * A build that Nova has given up while nobody could take it back here. Nova clears the host of such an instance, so that no
 * delete comes here; but its periodic task asks for the delete of each instance that is deleted there and listed here
 * ({@code running_deleted_instance_action}, nova/compute/manager.py 26.2.2, {@code _get_instances_on_driver}).
 */
class NeverStartedTest extends OneHost {
    private static final Function<ComputeNode, Operation> PREPARE =
            node -> node.prepare(NOVA, FakeHost.spec(UUID_A), RequestKey.NONE);
    private static final Function<ComputeNode, Operation> START =
            node -> node.start(NOVA, UUID_A, true, RequestKey.NONE);

    private void nothingIsLeftOfWhatIsListed(String where) {
        if (!life.node().list().isEmpty()) {
            assertThat(life.node().list())
                    .as(where)
                    .extracting(InstanceView::uuid)
                    .containsExactly(UUID_A);
            done(node -> node.stop(NOVA, UUID_A, RequestKey.NONE));
            done(node -> node.release(NOVA, UUID_A, RequestKey.NONE));
        }
        assertThat(host.left(UUID_A)).as(where).isEmpty();
    }

    @Test
    void whatWasPreparedIsListedWithoutAGuestAlsoAfterARestart() {
        done(PREPARE);
        restart();
        assertThat(life.node().list()).singleElement().satisfies(view -> {
            assertThat(view.uuid()).isEqualTo(UUID_A);
            assertThat(view.novaPowerState()).isEqualTo(GuestState.NOSTATE.novaCode());
        });
        nothingIsLeftOfWhatIsListed("prepared");
    }

    @Test
    void whereverTheBridgeDiesInAPrepareWhatIsLeftIsListed() {
        int places = dyingEverywhere(() -> {}, PREPARE, this::nothingIsLeftOfWhatIsListed);
        assertThat(places).isGreaterThan(10);
    }

    @Test
    void whereverTheBridgeDiesInAStartWhatIsLeftIsListed() {
        int places = dyingEverywhere(() -> done(PREPARE), START, where -> {
            assertThat(life.node().list()).as(where).hasSize(1);
            nothingIsLeftOfWhatIsListed(where);
        });
        assertThat(places).isGreaterThan(6);
    }
}
