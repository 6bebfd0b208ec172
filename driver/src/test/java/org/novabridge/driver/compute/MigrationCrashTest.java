package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.Dying.dieAt;
import static org.novabridge.driver.compute.Dying.quiet;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.compute.PendingMigration.Phase;

/** The host that a guest leaves dies at every place of its migration and of both ends: one whole copy is left. */
class MigrationCrashTest {
    private static final String ROOT = UUID_A + "/disk";
    private static final String LOCAL = UUID_A + "/disk.local";
    private static final Map<String, String> DATA = Map.of(ROOT, "root data", LOCAL, "more data");

    @TempDir(factory = InMemory.class)
    Path root;

    private int hosts;

    /** Two hosts and what is between them. */
    private final class Pair {
        private final FakeHost here = new FakeHost(root.resolve("here" + ++hosts));
        private final FakeHost there = new FakeHost(root.resolve("there" + hosts));
        private final FakeHost.Life destination;
        private final AtomicInteger keeps = new AtomicInteger();

        Pair() {
            destination = there.open(CrashPoint.NONE);
            FakeWire wire = new FakeWire();
            wire.destination = destination;
            here.remote = (host, word, request, cancelled) -> {
                if (word == RemoteBridge.Word.KEEP) {
                    keeps.incrementAndGet();
                }
                return wire.call(host, word, request, cancelled);
            };
        }

        FakeHost.Life withGuest(boolean gone) {
            FakeHost.Life source = here.open(CrashPoint.NONE);
            done(source, source.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
            here.written.putAll(DATA);
            if (gone) {
                done(source, MigrationCrashTest.go(source));
            }
            return source;
        }

        @Nullable
        Phase phase(FakeHost.Life life) {
            return life.parts()
                    .records()
                    .find(UUID_A)
                    .map(InstanceRecord::migration)
                    .map(PendingMigration::phase)
                    .orElse(null);
        }

        /** As the destination does after a while. */
        void giveUpWaiting() {
            destination.operations().list().stream()
                    .filter(operation -> operation.kind() == Operation.Kind.MIGRATE_RECEIVE
                            && !operation.state().ended())
                    .forEach(operation -> destination.operations().cancel(OPERATOR, operation.id()));
        }

        void rests() {
            quiet(destination);
        }

        void isHereAlone(String where) {
            assertThat(there.left(UUID_A)).as(where).isEmpty();
            assertThat(here.written).as(where).isEqualTo(DATA);
            assertThat(here.disks).as(where).containsOnlyKeys(ROOT, LOCAL);
        }

        void isThereAlone(String where) throws IOException {
            assertThat(here.left(UUID_A)).as(where).isEmpty();
            assertThat(FakeStreams.text(there, UUID_A, "disk")).as(where).isEqualTo("root data");
            assertThat(FakeStreams.text(there, UUID_A, "disk.local")).as(where).isEqualTo("more data");
            assertThat(there.disks).as(where).containsOnlyKeys(ROOT, LOCAL);
            assertThat(there.running).as(where).containsKey(UUID_A);
            assertThat(phase(destination)).as(where).isEqualTo(Phase.KEPT);
        }

        void neverBoth(String where) {
            assertThat(here.running.containsKey(UUID_A) && there.running.containsKey(UUID_A))
                    .as(where)
                    .isFalse();
        }
    }

    /** What is looked at after the next start. */
    @FunctionalInterface
    private interface After {
        void check(Pair pair, FakeHost.Life next, String where) throws IOException;
    }

    private static Operation go(FakeHost.Life life) {
        return life.node().migrate(OPERATOR, UUID_A, new MigrationRequest("other", null, false), RequestKey.NONE);
    }

    private static Operation confirm(FakeHost.Life life) {
        return life.node().confirmMigration(OPERATOR, UUID_A, RequestKey.NONE);
    }

    private static Operation revert(FakeHost.Life life) {
        return life.node().revertMigration(OPERATOR, UUID_A, false, RequestKey.NONE);
    }

    private static void done(FakeHost.Life life, Operation asked) {
        Operation ended = OperationsTest.Awaited.ended(life.operations(), asked.id());
        assertThat(ended.state()).as("%s", ended.problem()).isEqualTo(Operation.State.DONE);
    }

    private int dyingEverywhere(boolean gone, Function<FakeHost.Life, Operation> ask, After after) throws IOException {
        for (int places = 0; ; places++) {
            Pair pair = new Pair();
            pair.withGuest(gone).operations().close();
            String where = dieAt(pair.here, places + 1, ask);
            if (where.isEmpty()) {
                pair.destination.operations().close();
                return places;
            }
            pair.neverBoth(where);
            pair.giveUpWaiting();
            FakeHost.Life next = pair.here.open(CrashPoint.NONE);
            quiet(next);
            pair.rests();
            pair.neverBoth(where);
            after.check(pair, next, where);
            next.operations().close();
            pair.destination.operations().close();
        }
    }

    /** Once the confirmation is written down, the next start goes on with it; the guest is there alone, and what was answered is not asked again. */
    @Test
    void whereverAConfirmationDiesTheGuestIsThereAlone() throws IOException {
        int places = dyingEverywhere(true, MigrationCrashTest::confirm, (pair, next, where) -> {
            if (pair.phase(next) == Phase.SENT) {
                assertThat(where).contains("journal");
                done(next, confirm(next));
            }
            pair.isThereAlone(where);
            if (where.contains("remov")) {
                assertThat(pair.keeps).as(where).hasValue(1);
            }
        });
        assertThat(places).isGreaterThan(15);
    }

    @Test
    void whereverARevertDiesTheGuestIsHereAlone() throws IOException {
        int places = dyingEverywhere(true, MigrationCrashTest::revert, (pair, next, where) -> {
            if (Objects.equals(pair.phase(next), Phase.SENT)) {
                done(next, revert(next));
                assertThat(pair.here.running).as(where).containsKey(UUID_A);
            }
            pair.isHereAlone(where);
            done(next, next.node().powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        });
        assertThat(places).isGreaterThan(8);
    }

    /** Before the hand-over it is here, and what the other host has goes; after it, both ends are open. */
    @Test
    void whereverAMigrationDiesEitherEndIsReached() throws IOException {
        int places = dyingEverywhere(false, MigrationCrashTest::go, (pair, next, where) -> {
            if (pair.phase(next) == Phase.SENT) {
                if (pair.phase(pair.destination) == Phase.TAKEN) {
                    done(next, confirm(next));
                    pair.isThereAlone(where);
                    return;
                }
                done(next, revert(next));
            }
            forgets(pair);
            pair.isHereAlone(where);
            done(next, next.node().powerOn(OPERATOR, UUID_A, RequestKey.NONE));
        });
        assertThat(places).isGreaterThan(20);
    }

    private static void forgets(Pair pair) {
        pair.there.sourcePatience = Duration.ZERO;
        pair.destination.arrivals().removeForgotten();
        pair.rests();
    }
}
