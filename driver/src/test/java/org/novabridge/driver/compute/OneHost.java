package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A host of maps and the bridge that lives on it. */
abstract class OneHost {
    @TempDir(factory = InMemory.class)
    Path root;

    FakeHost host;
    FakeHost.Life life;
    private int hosts;

    /** A new host, nobody's guest on it. */
    @BeforeEach
    void newHost() {
        host = new FakeHost(root.resolve("host" + ++hosts));
        life = host.open(CrashPoint.NONE);
    }

    Operation ended(Function<ComputeNode, Operation> ask) {
        return OperationsTest.Awaited.ended(
                life.operations(), ask.apply(life.node()).id());
    }

    Operation done(Function<ComputeNode, Operation> ask) {
        Operation ended = ended(ask);
        assertThat(ended.state()).as("%s", ended.problem()).isEqualTo(Operation.State.DONE);
        return ended;
    }

    Problem failed(Function<ComputeNode, Operation> ask) {
        Operation ended = ended(ask);
        assertThat(ended.state()).isEqualTo(Operation.State.FAILED);
        return Objects.requireNonNull(ended.problem());
    }

    InstanceRecord record() {
        return life.parts().records().find(UUID_A).orElseThrow();
    }

    void restart() {
        life.operations().close();
        life = host.open(CrashPoint.NONE);
    }

    /**
     * Kills the bridge at one place of the work after the other, each on a new host, until it lives through it.
     *
     * @param before what is done on each of them
     * @param after what must be true after the next start; it is told where the bridge died
     * @return how many places there are
     */
    int dyingEverywhere(Runnable before, Function<ComputeNode, Operation> ask, Consumer<String> after) {
        return lifeEndingEverywhere(before, dying -> ask.apply(dying.node()), after);
    }

    /** The same of work that is not asked of the instances. */
    int lifeEndingEverywhere(Runnable before, Function<FakeHost.Life, Operation> ask, Consumer<String> after) {
        for (int places = 0; ; places++) {
            life.operations().close();
            newHost();
            before.run();
            life.operations().close();
            String where = Dying.dieAt(host, places + 1, ask);
            life = host.open(CrashPoint.NONE);
            if (where.isEmpty()) {
                return places;
            }
            Dying.quiet(life);
            after.accept("after dying at " + where);
        }
    }
}
