package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Confirmation and revert of a migration: whatever is lost on the way, one whole copy is left, and it is known which. */
class MigrationEndTest extends TwoHosts {
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
        done(node -> node.revertMigration(OPERATOR, UUID_A, new MigrationRevert(true, false, false), RequestKey.NONE));
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
        done(node -> node.revertMigration(OPERATOR, UUID_A, new MigrationRevert(true, false, false), RequestKey.NONE));
        assertThat(here.running).containsKey(UUID_A);
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
}
