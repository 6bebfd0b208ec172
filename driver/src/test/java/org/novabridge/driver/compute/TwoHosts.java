package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.Flavor;

/** Two hosts of maps, a guest on the one, and the wire between them. */
abstract class TwoHosts {
    static final String ROOT = UUID_A + "/disk";
    static final String LOCAL = UUID_A + "/disk.local";
    static final Map<String, String> DATA = Map.of(ROOT, "root data", LOCAL, "more data");

    @TempDir(factory = InMemory.class)
    Path root;

    FakeHost here;
    FakeHost there;
    FakeHost.Life source;
    FakeHost.Life destination;
    final FakeWire wire = new FakeWire();
    private int pairs;

    /** A new pair of them. */
    @BeforeEach
    void open() {
        Path folder = root.resolve("hosts" + ++pairs);
        here = new FakeHost(folder.resolve("here"));
        there = new FakeHost(folder.resolve("there"));
        here.remote = wire;
        here.backend = backend();
        there.backend = backend();
        source = here.open(CrashPoint.NONE);
        destination = there.open(CrashPoint.NONE);
        wire.destination = destination;
        bring(source);
        done(node -> node.create(owner(), FakeHost.spec(UUID_A), RequestKey.NONE));
        here.written.putAll(DATA);
        here.calls.clear();
    }

    /** What makes the disks of both. */
    String backend() {
        return "qcow2";
    }

    /** Brings the key of the guest, where one is needed. */
    void bring(FakeHost.Life host) {}

    /** Whose guest it is. */
    Caller owner() {
        return OPERATOR;
    }

    Operation done(Function<ComputeNode, Operation> ask) {
        Operation ended = OperationsTest.Awaited.ended(
                source.operations(), ask.apply(source.node()).id());
        assertThat(ended.state()).as("%s", ended.problem()).isEqualTo(Operation.State.DONE);
        return ended;
    }

    Problem failed(Function<ComputeNode, Operation> ask) {
        Operation ended = OperationsTest.Awaited.ended(
                source.operations(), ask.apply(source.node()).id());
        assertThat(ended.state()).isEqualTo(Operation.State.FAILED);
        return Objects.requireNonNull(ended.problem());
    }

    static Function<ComputeNode, Operation> go() {
        return go("other", null, false);
    }

    static Function<ComputeNode, Operation> go(String host, @Nullable Flavor flavor, boolean dryRun) {
        return node ->
                node.migrate(OPERATOR, UUID_A, new MigrationRequest(host, flavor, dryRun, null), RequestKey.NONE);
    }

    static Function<ComputeNode, Operation> confirm() {
        return node -> node.confirmMigration(OPERATOR, UUID_A, true, RequestKey.NONE);
    }

    static Function<ComputeNode, Operation> revert() {
        return node -> node.revertMigration(OPERATOR, UUID_A, new MigrationRevert(false, false, true), RequestKey.NONE);
    }

    void runsHereAsBefore() {
        assertThat(there.left(UUID_A)).isEmpty();
        assertThat(here.running).containsKey(UUID_A);
        assertThat(here.written).isEqualTo(DATA);
        assertThat(here.disks).containsOnlyKeys(ROOT, LOCAL);
        assertThat(source.parts().records().find(UUID_A).orElseThrow().migration())
                .isNull();
    }

    void isThere(boolean running) throws IOException {
        isThere("", running);
    }

    /** @param where the host died meanwhile */
    void isThere(String where, boolean running) throws IOException {
        assertThat(FakeStreams.text(there, UUID_A, "disk")).as(where).isEqualTo("root data");
        assertThat(FakeStreams.text(there, UUID_A, "disk.local")).as(where).isEqualTo("more data");
        assertThat(there.disks).as(where).containsOnlyKeys(ROOT, LOCAL);
        assertThat(there.running.containsKey(UUID_A)).as(where).isEqualTo(running);
        assertThat(here.running).as(where).doesNotContainKey(UUID_A);
    }

    /** Where the migration is, as the record of that host says; null when there is none. */
    static PendingMigration.@Nullable Phase phase(FakeHost.Life life) {
        return life.parts()
                .records()
                .find(UUID_A)
                .map(InstanceRecord::migration)
                .map(PendingMigration::phase)
                .orElse(null);
    }

    void restart(RemoteBridge remote) {
        here.remote = remote;
        source.operations().close();
        source = here.open(CrashPoint.NONE);
    }

    void destinationRests() {
        destination
                .operations()
                .list()
                .forEach(operation -> OperationsTest.Awaited.ended(destination.operations(), operation.id()));
    }
}
