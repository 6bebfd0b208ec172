package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.DiskContent;

/** A config drive that is made once more when the guest starts, since it names devices that only its definition places. */
class RenewedConfigDriveTest extends OneHost {
    private static final RequestKey KEY = new RequestKey("k", "h");
    private static final DiskContent FIRST = new DiskContent.FromFile(Path.of("/taken/first"));
    private static final DiskContent SECOND = new DiskContent.FromFile(Path.of("/taken/second"));

    private static InstanceSpec spec(String configDrive) {
        InstanceSpec plain = FakeHost.spec(UUID_A);
        return new InstanceSpec(
                plain.instance(),
                plain.imageMeta(),
                plain.blockDeviceInfo(),
                plain.networkInfo(),
                null,
                configDrive,
                true,
                null);
    }

    private static Function<ComputeNode, Operation> start(RequestKey key) {
        return node -> node.start(NOVA, UUID_A, false, spec("second"), key);
    }

    private @Nullable DiskContent drive() {
        return host.disks.get(UUID_A + "/disk.config");
    }

    private void prepared() {
        host.configDrives = true;
        host.lease = Duration.ofMinutes(1);
        host.exchange.add("first");
        done(node -> node.prepare(NOVA, spec("first"), RequestKey.NONE));
        host.exchange.clear();
        host.exchange.add("second");
    }

    /** An interrupted operation has ended until its turn comes. */
    private void comesBack(Function<ComputeNode, Operation> ask, String where) {
        String id = ask.apply(life.node()).id();
        Dying.quiet(life);
        Operation again = life.operations().get(id);
        assertThat(again.state()).as("%s: %s", where, again.problem()).isEqualTo(Operation.State.DONE);
    }

    @Test
    void whereverTheBridgeDiesItsCallerThatComesBackHasTheNewDrive() {
        int places = dyingEverywhere(this::prepared, start(KEY), where -> {
            assertThat(drive()).as(where).isIn(FIRST, SECOND);
            comesBack(start(KEY), where);
            assertThat(drive()).as(where).isEqualTo(SECOND);
            assertThat(host.running).as(where).containsEntry(UUID_A, GuestState.RUNNING);
        });
        assertThat(places).isGreaterThan(20);
    }

    @Test
    void aPrepareThatDiedAnywhereFindsItsDriveToo() {
        Function<ComputeNode, Operation> prepare = node -> node.prepare(NOVA, spec("first"), KEY);
        int places = dyingEverywhere(
                () -> {
                    host.configDrives = true;
                    host.lease = Duration.ofMinutes(1);
                    host.exchange.add("first");
                },
                prepare,
                where -> {
                    comesBack(prepare, where);
                    assertThat(drive()).as(where).isEqualTo(FIRST);
                });
        assertThat(places).isGreaterThan(20);
    }

    @Test
    void aFileThatNobodyHasHandedOverLeavesTheOldDriveAndTheGuestOff() {
        prepared();
        host.exchange.clear();
        assertThat(failed(start(KEY)).code()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(drive()).isEqualTo(FIRST);
        assertThat(host.running).isEmpty();
        host.exchange.add("second");
        done(start(RequestKey.NONE));
        assertThat(drive()).isEqualTo(SECOND);
    }
}
