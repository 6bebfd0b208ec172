package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** Lives of the bridge on a {@link FakeHost} that end in the middle of an operation. */
final class Dying {
    private Dying() {}

    /** Dies at the n-th place and is dead from then on. */
    static final class Death implements CrashPoint {
        private final int at;
        private final AtomicInteger reached = new AtomicInteger();
        private volatile String where = "";

        Death(int at) {
            this.at = at;
        }

        /** Where it was; empty while it lives. */
        String where() {
            return where;
        }

        @Override
        public void reach(String place) {
            int now = reached.incrementAndGet();
            if (now == at) {
                where = place;
            }
            if (now >= at) {
                throw new FakeHost.Dead();
            }
        }
    }

    /** Runs the work in a life that dies at the n-th place; empty when it lived through it. */
    static String dieAt(FakeHost host, int at, Function<FakeHost.Life, Operation> work) {
        Death death = new Death(at);
        FakeHost.Life life = host.open(death);
        try {
            Operation submitted = work.apply(life);
            Instant end = Instant.now().plusSeconds(60);
            while (death.where.isEmpty()
                    && !life.operations().get(submitted.id()).state().ended()) {
                assertThat(Instant.now()).isBefore(end);
                LockSupport.parkNanos(200_000);
            }
        } catch (FakeHost.Dead e) {
            assertThat(death.where).isNotEmpty();
        }
        life.operations().close();
        return death.where;
    }

    /** Tells what was run, as the crash run does; whoever gets here has found nothing wrong. */
    static int told(String action, int places) {
        System.out.println("crash: " + action + ": points run " + places + " of " + places + " known, failures 0");
        return places;
    }

    static void quiet(FakeHost.Life life) {
        Instant end = Instant.now().plusSeconds(60);
        while (life.operations().busy(UUID_A)) {
            assertThat(Instant.now()).isBefore(end);
            LockSupport.parkNanos(200_000);
        }
    }
}
