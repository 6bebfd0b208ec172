package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.compute.MigrationRequest.Held;
import org.novabridge.driver.compute.PendingMigration.Phase;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;

/** A guest goes to another host as Nova asks for it: its disks travel, and Nova's compute service there starts it. */
class HeldMigrationTest extends TwoHosts {
    @Override
    Caller owner() {
        return NOVA;
    }

    private static Function<ComputeNode, Operation> hold() {
        return hold(RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> hold(RequestKey key) {
        return node ->
                node.migrate(NOVA, UUID_A, new MigrationRequest("other", null, false, new Held(null, null)), key);
    }

    private static Function<ComputeNode, Operation> comeBack() {
        return node -> node.revertMigration(NOVA, UUID_A, new MigrationRevert(false, true, false), RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> confirmed() {
        return node -> node.confirmMigration(NOVA, UUID_A, false, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> started(InstanceSpec fresh) {
        return node -> node.powerOn(NOVA, UUID_A, fresh, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> released() {
        return node -> node.release(NOVA, UUID_A, RequestKey.NONE);
    }

    private void doneThere(Function<ComputeNode, Operation> ask) {
        Operation ended = OperationsTest.Awaited.ended(
                destination.operations(), ask.apply(destination.node()).id());
        assertThat(ended.state()).as("%s", ended.problem()).isEqualTo(Operation.State.DONE);
    }

    private void isHeld(String where) throws IOException {
        isThere(where, false);
        assertThat(phase(source)).as(where).isEqualTo(Phase.SENT);
        assertThat(phase(destination)).as(where).isEqualTo(Phase.TAKEN);
    }

    @Test
    void itsCallerStartsItThereAndConfirms() throws IOException {
        assertThat(done(hold()).result()).containsEntry("ran", true);
        isHeld("");
        doneThere(started(FakeHost.spec(UUID_A)));
        done(confirmed());
        isThere(true);
        assertThat(here.left(UUID_A)).isEmpty();
        assertThat(phase(destination)).isEqualTo(Phase.KEPT);
    }

    private static Function<ComputeNode, Operation> confirmedByHand() {
        return node -> node.confirmMigration(NOVA, UUID_A, true, RequestKey.NONE);
    }

    private static Function<ComputeNode, Operation> revertedByHand() {
        return node -> node.revertMigration(NOVA, UUID_A, new MigrationRevert(false, false, true), RequestKey.NONE);
    }

    /** Nova knows why a server is off; who asks on this host does not. */
    @Test
    void byHandOnlyAGuestThatRunsThereIsConfirmedAndOnlyOneThatDoesNotComesBack() throws IOException {
        done(hold());
        Problem off = failed(confirmedByHand());
        assertThat(off.detail()).contains("ran where it comes from, and does not run here");
        assertThat(off.remedy()).contains("openstack server reboot --hard " + UUID_A, "migrate-confirm --stopped");
        isHeld("");
        doneThere(started(FakeHost.spec(UUID_A)));
        Problem on = failed(revertedByHand());
        assertThat(on.detail()).contains("runs on the host where it has gone");
        assertThat(on.remedy()).contains("openstack server stop " + UUID_A);
        assertThat(phase(source)).isEqualTo(Phase.SENT);
        assertThat(there.running).containsKey(UUID_A);
        done(confirmedByHand());
        isThere(true);
        assertThat(here.left(UUID_A)).isEmpty();
    }

    /** Whatever else it says of the word, nothing was done by it. */
    @Test
    void aConfirmationByHandThatTheOtherReleaseDoesNotReadIsNotHalfDone() throws IOException {
        done(hold());
        doneThere(started(FakeHost.spec(UUID_A)));
        wire.toBefore = true;
        failed(confirmedByHand());
        failed(revertedByHand());
        isThere(true);
        assertThat(phase(source)).isEqualTo(Phase.SENT);
        done(confirmed());
        assertThat(here.left(UUID_A)).isEmpty();
    }

    /** Its bridge says as little of one that Nova starts as of one that was off. */
    @Test
    void oneThatComesFromTheReleaseBeforeIsStartedByNova() throws IOException {
        wire.fromBefore = true;
        done(hold());
        isHeld("");
        doneThere(started(FakeHost.spec(UUID_A)));
        done(confirmed());
        isThere(true);
        assertThat(here.left(UUID_A)).isEmpty();
    }

    @Test
    void byHandOneThatIsOffThereComesBackAndNovaStartsIt() throws IOException {
        done(hold());
        done(revertedByHand());
        assertThat(there.left(UUID_A)).isEmpty();
        assertThat(here.running).isEmpty();
        done(started(FakeHost.spec(UUID_A)));
        runsHereAsBefore();
    }

    /** Its user has started it there meanwhile. */
    @Test
    void byHandOneThatWasOffHereAndIsOffThereIsConfirmedAndDoesNotComeBackWhileItRuns() throws IOException {
        done(node -> node.powerOff(NOVA, UUID_A, Duration.ZERO, Duration.ZERO, RequestKey.NONE));
        done(hold());
        doneThere(started(FakeHost.spec(UUID_A)));
        assertThat(failed(revertedByHand()).detail()).contains("runs on the host where it has gone");
        there.running.clear();
        done(confirmedByHand());
        assertThat(here.left(UUID_A)).isEmpty();
    }

    /** What was asked for by hand is asked for in the same way by a bridge that was restarted meanwhile. */
    @Test
    void whereverTheBridgeDiesInAConfirmationByHandTheGuestThatRunsNowhereStays() throws IOException {
        int places = 0;
        for (String where = "first"; !where.isEmpty(); places++) {
            source.operations().close();
            destination.operations().close();
            open();
            done(hold());
            source.operations().close();
            where = Dying.dieAt(here, places + 1, life -> confirmedByHand().apply(life.node()));
            source = here.open(CrashPoint.NONE);
            Dying.quiet(source);
            isHeld(where);
        }
        assertThat(places).isGreaterThan(2);
    }

    /** Nova's revert: its compute service there destroys the guest, the one here asks for it back and starts it. */
    @Test
    void itComesBackInTwoHalves() throws IOException {
        done(hold());
        doneThere(started(FakeHost.spec(UUID_A)));
        doneThere(released());
        done(comeBack());
        assertThat(here.running).isEmpty();
        done(started(FakeHost.spec(UUID_A)));
        runsHereAsBefore();
    }

    /** What connects them is on the other host by then, and not before. */
    @Test
    void volumesAreConnectedThereBeforeItIsDefined() throws IOException {
        InstanceSpec here1 = Volumes.with(FakeHost.spec(UUID_A), Volumes.file("v-1", "vdc", "/mnt/v-1"));
        done(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, here1, RequestKey.NONE));
        assertThat(failed(node -> node.migrate(
                                NOVA, UUID_A, new MigrationRequest("other", null, false, null), RequestKey.NONE))
                        .detail())
                .contains("volumes");
        done(hold());
        isHeld("");
        assertThat(there.definitions).doesNotContainKey(UUID_A);
        InstanceSpec there1 = Volumes.with(FakeHost.spec(UUID_A), Volumes.file("v-1", "vdc", "/other/v-1"));
        doneThere(started(there1));
        assertThat(there.definitions.get(UUID_A)).contains("/other/v-1");
        done(confirmed());
        assertThat(here.left(UUID_A)).isEmpty();
    }

    /** Nova takes the instance on as it was after this code alone. */
    @Test
    void whateverFailsBeforeItHasGoneIsARefusalSinceItRunsHereAgain() {
        wire.broken = RemoteBridge.Word.RECEIVE;
        assertThat(failed(hold()).code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        runsHereAsBefore();
        wire.broken = RemoteBridge.Word.TAKE;
        wire.doneBeforeItBreaks = true;
        assertThat(failed(hold()).code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        runsHereAsBefore();
        done(node -> node.pause(NOVA, UUID_A, RequestKey.NONE));
        assertThat(failed(hold()).code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
    }

    /** Nova's own remedy for a migration that has failed is a hard reboot: where it takes the instance to be. */
    @Test
    void aHardRebootHereBringsBackWhatNobodyCouldDecide() {
        restart((host, word, request, cancelled) -> {
            if (word == RemoteBridge.Word.TAKE) {
                wire.broken = RemoteBridge.Word.DROP;
                throw new BridgeException(ErrorCode.STORAGE_FAILED, "the connection broke", null, new IOException());
            }
            return wire.call(host, word, request, cancelled);
        });
        assertThat(failed(hold()).code()).isEqualTo(ErrorCode.STORAGE_FAILED);
        Function<ComputeNode, Operation> reboot =
                node -> node.reboot(NOVA, UUID_A, RebootType.HARD, FakeHost.spec(UUID_A), RequestKey.NONE);
        assertThat(failed(reboot).detail()).contains("connection broke");
        assertThat(here.running).isEmpty();
        wire.broken = null;
        done(reboot);
        runsHereAsBefore();
    }

    /** A compute service that was restarted does not know whether anything had begun. */
    @Test
    void whatWasNotBegunComesBackToo() {
        done(comeBack());
        runsHereAsBefore();
    }

    @Test
    void aMigrationThatRunsEndsBeforeItComesBack() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        restart((host, word, request, cancelled) -> {
            if (word == RemoteBridge.Word.RECEIVE) {
                asked.countDown();
                while (!cancelled.getAsBoolean()) {
                    Thread.onSpinWait();
                }
                throw new BridgeException(ErrorCode.CANCELLED, "cancelled", null, new IOException());
            }
            return wire.call(host, word, request, cancelled);
        });
        Operation going = hold().apply(source.node());
        assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
        done(comeBack());
        assertThat(source.operations().get(going.id()).state()).isEqualTo(Operation.State.CANCELLED);
        runsHereAsBefore();
    }

    /** Deleted where Nova takes it to be, it goes from both; of a host that does not answer Nova removes it itself. */
    @Test
    void aDeletedInstanceGoesFromBothHosts() {
        done(hold());
        done(released());
        assertThat(here.left(UUID_A)).isEmpty();
        assertThat(there.left(UUID_A)).isEmpty();
        open();
        done(hold());
        wire.broken = RemoteBridge.Word.DROP;
        wire.doneBeforeItBreaks = false;
        done(released());
        assertThat(here.left(UUID_A)).isEmpty();
        doneThere(released());
        assertThat(there.left(UUID_A)).isEmpty();
        wire.broken = null;
    }

    @FunctionalInterface
    private interface After {
        void check(String where) throws IOException;
    }

    private int dyingEverywhere(After after) throws IOException {
        for (int places = 0; ; places++) {
            source.operations().close();
            destination.operations().close();
            open();
            source.operations().close();
            String where = Dying.dieAt(
                    here,
                    places + 1,
                    life -> hold(new RequestKey("move", "hash")).apply(life.node()));
            if (where.isEmpty()) {
                return places;
            }
            destination.operations().list().stream()
                    .filter(operation -> !operation.state().ended())
                    .forEach(operation -> destination.operations().cancel(OPERATOR, operation.id()));
            Dying.quiet(destination);
            source = here.open(CrashPoint.NONE);
            after.check(where);
        }
    }

    private void forgets() {
        there.sourcePatience = Duration.ZERO;
        destination.arrivals().removeForgotten();
        Dying.quiet(destination);
        there.sourcePatience = Duration.ofMinutes(1);
    }

    /** The bridge dies, and Nova's compute service asks again with its key: it has gone, or it runs as before. */
    @Test
    void whereverTheBridgeDiesAskedAgainItHasGoneOrRunsAsBefore() throws IOException {
        int places = dyingEverywhere(where -> {
            forgets();
            if (refusedAgain(where)) {
                runsHereAsBefore();
            }
        });
        assertThat(places).isGreaterThan(20);
    }

    /** Asks with the key once more; whether that is refused, else it has gone. */
    private boolean refusedAgain(String where) throws IOException {
        String id = hold(new RequestKey("move", "hash")).apply(source.node()).id();
        Dying.quiet(source);
        Operation again = source.operations().get(id);
        if (again.state() == Operation.State.DONE) {
            isHeld(where);
            return false;
        }
        assertThat(Objects.requireNonNull(again.problem()).code())
                .as("%s: %s", where, again.problem())
                .isEqualTo(ErrorCode.RESIZE_REFUSED);
        return true;
    }

    /** As before, and the other host, which still has what the first attempt brought, cannot be asked any more. */
    @Test
    void whereverTheBridgeDiesRefusedTheNextTimeItRunsAsBefore() throws IOException {
        int places = dyingEverywhere(where -> {
            wire.broken = RemoteBridge.Word.OFFER;
            wire.doneBeforeItBreaks = false;
            boolean refused = refusedAgain(where);
            wire.broken = null;
            if (refused) {
                forgets();
                runsHereAsBefore();
            }
        });
        assertThat(places).isGreaterThan(20);
    }

    /** Both die, and Nova's compute service takes the migration back at its start. */
    @Test
    void whereverBothDieTheGuestComesBack() throws IOException {
        int places = dyingEverywhere(where -> {
            done(comeBack());
            forgets();
            done(started(FakeHost.spec(UUID_A)));
            runsHereAsBefore();
        });
        assertThat(places).isGreaterThan(20);
    }

    /** The other bridge dies: it has gone, or runs as before, or comes back with the hard reboot that Nova asks for then. */
    @Test
    void whereverTheOtherBridgeDiesItHasGoneOrCanBeHadHere() throws IOException {
        int places = 0;
        while (true) {
            source.operations().close();
            destination.operations().close();
            open();
            destination.operations().close();
            Dying.Death death = new Dying.Death(++places);
            back(there.open(death));
            wire.dead = () -> !death.where().isEmpty();
            Operation asked = OperationsTest.Awaited.ended(
                    source.operations(), hold().apply(source.node()).id());
            destination.operations().close();
            wire.dead = () -> false;
            if (death.where().isEmpty()) {
                break;
            }
            back(there.open(CrashPoint.NONE));
            Dying.quiet(destination);
            if (asked.state() == Operation.State.DONE) {
                isHeld(death.where());
                continue;
            }
            forgets();
            if (Objects.requireNonNull(asked.problem()).code() != ErrorCode.RESIZE_REFUSED) {
                assertThat(phase(source)).as(death.where()).isEqualTo(Phase.SENT);
                done(node -> node.reboot(NOVA, UUID_A, RebootType.HARD, FakeHost.spec(UUID_A), RequestKey.NONE));
            }
            runsHereAsBefore();
        }
        assertThat(places).isGreaterThan(25);
    }

    private void back(FakeHost.Life life) {
        destination = life;
        wire.destination = life;
    }

    /** Stock Nova made it, and it has no record: Nova keeps it as it is. */
    @Test
    void aGuestThatTheBridgeHasNotMadeIsRefused() {
        source.parts().records().remove(UUID_A);
        assertThat(failed(hold()).code()).isEqualTo(ErrorCode.RESIZE_REFUSED);
        assertThat(here.running).containsKey(UUID_A);
    }
}
