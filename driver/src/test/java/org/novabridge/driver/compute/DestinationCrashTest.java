package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The host to which a guest goes dies at every place of what it is asked for: one whole copy is left. */
class DestinationCrashTest extends TwoHosts {
    /** What is looked at when that host is back. */
    @FunctionalInterface
    private interface After {
        void check(String where) throws IOException;
    }

    private int dyingEverywhere(String action, boolean gone, Function<ComputeNode, Operation> ask, After after)
            throws IOException {
        for (int places = 0; ; places++) {
            open();
            if (gone) {
                done(go());
            }
            destination.operations().close();
            Dying.Death death = new Dying.Death(places + 1);
            back(there.open(death));
            wire.dead = () -> !death.where().isEmpty();
            Operation asked = ask.apply(source.node());
            OperationsTest.Awaited.ended(source.operations(), asked.id());
            destination.operations().close();
            wire.dead = () -> false;
            if (death.where().isEmpty()) {
                return Dying.told(action, places);
            }
            back(there.open(CrashPoint.NONE));
            Dying.quiet(destination);
            after.check(death.where());
            destination.operations().close();
            source.operations().close();
        }
    }

    private void back(FakeHost.Life life) {
        destination = life;
        wire.destination = life;
    }

    private @Nullable PendingMigration waiting() {
        return source.parts()
                .records()
                .find(UUID_A)
                .map(InstanceRecord::migration)
                .orElse(null);
    }

    @Test
    void whereverItDiesWhileAGuestComesTheGuestCanBeHadHere() throws IOException {
        int places = dyingEverywhere("destination migrate", false, go(), where -> {
            if (waiting() != null) {
                done(revert());
            }
            there.sourcePatience = Duration.ZERO;
            destination.arrivals().removeForgotten();
            destinationRests();
            runsHereAsBefore();
        });
        assertThat(places).isGreaterThan(25);
    }

    @Test
    void whereverItDiesWhileItIsToKeepAGuestTheNextConfirmationLeavesItThere() throws IOException {
        int places = dyingEverywhere("destination migrate-confirm", true, confirm(), where -> {
            if (source.parts().records().find(UUID_A).isPresent()) {
                done(confirm());
            }
            assertThat(here.left(UUID_A)).as(where).isEmpty();
            isThere(true);
        });
        assertThat(places).isGreaterThan(5);
    }

    @Test
    void whereverItDiesWhileItRemovesAGuestTheNextRevertLeavesItHere() throws IOException {
        int places = dyingEverywhere("destination migrate-revert", true, revert(), where -> {
            if (waiting() != null) {
                done(revert());
            }
            runsHereAsBefore();
        });
        assertThat(places).isGreaterThan(10);
    }
}
