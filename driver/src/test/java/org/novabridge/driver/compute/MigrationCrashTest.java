package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.Dying.dieAt;
import static org.novabridge.driver.compute.Dying.quiet;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.compute.PendingMigration.Phase;

/** The host that a guest leaves dies at every place of its migration and of both ends: one whole copy is left. */
class MigrationCrashTest extends TwoHosts {
    private final AtomicInteger keeps = new AtomicInteger();

    /** What is looked at after the next start. */
    @FunctionalInterface
    private interface After {
        void check(String where) throws IOException;
    }

    /** A new pair, of which the one host is about to be opened. */
    private void another(boolean gone) {
        source.operations().close();
        destination.operations().close();
        open();
        keeps.set(0);
        here.remote = (host, word, request, cancelled) -> {
            if (word == RemoteBridge.Word.KEEP) {
                keeps.incrementAndGet();
            }
            return wire.call(host, word, request, cancelled);
        };
        if (gone) {
            done(go());
        }
        source.operations().close();
    }

    private int dyingEverywhere(String action, boolean gone, Function<ComputeNode, Operation> ask, After after)
            throws IOException {
        for (int places = 0; ; places++) {
            another(gone);
            String where = dieAt(here, places + 1, life -> ask.apply(life.node()));
            if (where.isEmpty()) {
                destination.operations().close();
                return Dying.told(action, places);
            }
            neverBoth(where);
            giveUpWaiting();
            source = here.open(CrashPoint.NONE);
            quiet(source);
            quiet(destination);
            neverBoth(where);
            after.check(where);
        }
    }

    /** As the destination does after a while. */
    private void giveUpWaiting() {
        destination.operations().list().stream()
                .filter(operation -> operation.kind() == Operation.Kind.MIGRATE_RECEIVE
                        && !operation.state().ended())
                .forEach(operation -> destination.operations().cancel(OPERATOR, operation.id()));
    }

    private void isHereAlone(String where) {
        assertThat(there.left(UUID_A)).as(where).isEmpty();
        assertThat(here.written).as(where).isEqualTo(DATA);
        assertThat(here.disks).as(where).containsOnlyKeys(ROOT, LOCAL);
    }

    private void isThereAlone(String where) throws IOException {
        assertThat(here.left(UUID_A)).as(where).isEmpty();
        isThere(where, true);
        assertThat(phase(destination)).as(where).isEqualTo(Phase.KEPT);
    }

    private void neverBoth(String where) {
        assertThat(here.running.containsKey(UUID_A) && there.running.containsKey(UUID_A))
                .as(where)
                .isFalse();
    }

    /** Once the confirmation is written down, the next start goes on with it; the guest is there alone, and what was answered is not asked again. */
    @Test
    void whereverAConfirmationDiesTheGuestIsThereAlone() throws IOException {
        int places = dyingEverywhere("source migrate-confirm", true, confirm(), where -> {
            if (phase(source) == Phase.SENT) {
                assertThat(where).contains("journal");
                done(confirm());
            }
            isThereAlone(where);
            if (where.contains("remov")) {
                assertThat(keeps).as(where).hasValue(1);
            }
        });
        assertThat(places).isGreaterThan(15);
    }

    @Test
    void whereverARevertDiesTheGuestIsHereAlone() throws IOException {
        int places = dyingEverywhere("source migrate-revert", true, revert(), where -> {
            if (phase(source) == Phase.SENT) {
                done(revert());
                assertThat(here.running).as(where).containsKey(UUID_A);
            }
            isHereAlone(where);
            done(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        });
        assertThat(places).isGreaterThan(8);
    }

    /** Before the hand-over it is here, and what the other host has goes; after it, both ends are open. */
    @Test
    void whereverAMigrationDiesEitherEndIsReached() throws IOException {
        int places = dyingEverywhere("source migrate", false, go(), where -> {
            if (phase(source) == Phase.SENT) {
                if (phase(destination) == Phase.TAKEN) {
                    done(confirm());
                    isThereAlone(where);
                    return;
                }
                done(revert());
            }
            forgets();
            isHereAlone(where);
            done(node -> node.powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        });
        assertThat(places).isGreaterThan(20);
    }

    private void forgets() {
        there.sourcePatience = Duration.ZERO;
        destination.arrivals().removeForgotten();
        quiet(destination);
    }
}
