package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.Dying.quiet;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.hypervisor.DiskError;
import org.novabridge.driver.hypervisor.GuestEvent;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.storage.lvm.PoolRoom;

class StalledGuestsTest {
    private static final Optional<PoolRoom> FULL = Optional.of(new PoolRoom("nova/nova-pool", 0, false));
    private static final Optional<PoolRoom> GROWN = Optional.of(new PoolRoom("nova/nova-pool", 1 << 30, true));
    private static final DiskError NO_SPACE = new DiskError("vda", true);

    @TempDir(factory = InMemory.class)
    Path root;

    private final List<String> told = new CopyOnWriteArrayList<>();
    private FakeHost host;
    private FakeHost.Life life;

    @BeforeEach
    void create() {
        host = new FakeHost(root);
        host.backend = "lvm-thin";
        open();
        done(life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        host.calls.clear();
    }

    @AfterEach
    void close() {
        life.operations().close();
    }

    private void open() {
        life = host.open(CrashPoint.NONE);
        life.events().follow(event -> told.add(event.event().kind().word()));
    }

    private Operation done(Operation operation) {
        Operation ended = OperationsTest.Awaited.ended(life.operations(), operation.id());
        assertThat(ended.state()).as("%s", ended).isEqualTo(Operation.State.DONE);
        return ended;
    }

    private void stopped(DiskError... errors) {
        host.running.put(UUID_A, GuestState.PAUSED);
        host.diskErrors.put(UUID_A, List.of(errors));
    }

    /** A guest that is worked on waits for the next look, so what is before it has ended. */
    private boolean look(Optional<PoolRoom> room) {
        quiet(life);
        boolean waiting = life.node().stalled().look(room);
        Operation newest = life.operations().list().get(0);
        if (newest.kind() == Operation.Kind.UNPAUSE) {
            done(newest);
        }
        return waiting;
    }

    private boolean runs() {
        return host.running.get(UUID_A) == GuestState.RUNNING;
    }

    @Test
    void aGuestWithoutSpaceGoesOnWhenThePoolHasGrownAndSaysWhy() {
        stopped(NO_SPACE);
        assertThat(look(FULL)).isTrue();
        assertThat(runs()).isFalse();
        assertThat(life.node().show(UUID_A).stalled()).contains("write to vda").contains("goes on by itself");
        assertThat(life.node().list().get(0).stalled()).isNotNull();

        assertThat(look(GROWN)).isTrue();
        assertThat(runs()).isTrue();
        assertThat(host.calls).containsExactly("resume");
        Operation operation = life.operations().list().get(0);
        assertThat(operation.caller().name()).isEqualTo("nova-bridge");
        assertThat(operation.result())
                .hasEntrySatisfying(
                        "reason",
                        reason -> assertThat(reason.toString())
                                .isEqualTo(
                                        "vda had found thin pool nova/nova-pool full, which now has 1073741824 bytes free;"
                                                + " QEMU sends the writes again"));
        assertThat(life.node().show(UUID_A).stalled()).isNull();
        assertThat(look(GROWN)).isFalse();
        assertThat(told).containsExactly("out-of-space", "out-of-space-over");
    }

    /** QEMU tells of each write that was on its way, and may do so again after the guest went on. */
    @Test
    void theAlarmIsToldOnceForEachTimeThatItStops() {
        GuestEvent event = new GuestEvent(UUID_A, GuestEvent.Kind.IO_ERROR, "virtio-disk0 enospc", Instant.now());
        for (int times = 1; times <= 2; times++) {
            stopped(NO_SPACE);
            assertThat(life.node().stalled().heard(event)).isTrue();
            assertThat(life.node().stalled().heard(event)).isFalse();
            look(FULL);
            assertThat(told).containsExactly("out-of-space");
            look(GROWN);
            assertThat(told).containsExactly("out-of-space", "out-of-space-over");
            told.clear();
        }
        GuestEvent other = new GuestEvent(UUID_A, GuestEvent.Kind.IO_ERROR, "virtio-disk0 ", Instant.now());
        assertThat(life.node().stalled().heard(other)).isFalse();
    }

    /** The bridge has let it go on by itself: nobody else would tell Nova. */
    @Test
    void thatItGoesOnIsTold() {
        stopped(NO_SPACE);
        host.onCall = what -> {
            if (what.equals("resume")) {
                host.events.accept(new GuestEvent(UUID_A, GuestEvent.Kind.RESUMED, "unpaused", Instant.now()));
            }
        };
        look(GROWN);
        assertThat(told).containsExactly("out-of-space", "out-of-space-over", "resumed");
    }

    @Test
    void aPauseOfSomebodyIsNotTouched() {
        done(life.node().pause(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(look(GROWN)).isFalse();
        assertThat(runs()).isFalse();
        assertThat(life.node().show(UUID_A).stalled()).isNull();
        assertThat(told).isEmpty();
    }

    /** libvirt takes that for nothing new; a restart of the bridge forgets it as little. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPauseAfterItWasStoppedKeepsItPaused(boolean restart) {
        stopped(NO_SPACE);
        done(life.node().pause(OPERATOR, UUID_A, RequestKey.NONE));
        if (restart) {
            life.operations().close();
            open();
        }
        look(GROWN);
        assertThat(runs()).isFalse();
        assertThat(life.node().show(UUID_A).stalled()).contains("paused by request");

        done(life.node().unpause(OPERATOR, UUID_A, RequestKey.NONE));
        assertThat(runs()).isTrue();
        stopped(NO_SPACE);
        look(GROWN);
        assertThat(runs()).as("the pause is over").isTrue();
    }

    @Test
    void anotherErrorIsLeftToTheOperator() {
        stopped(NO_SPACE, new DiskError("vdb", true));
        assertThat(look(GROWN)).isFalse();
        assertThat(life.node().show(UUID_A).stalled()).contains("error of vdb").contains("instance unpause " + UUID_A);
        stopped(new DiskError("vda", false));
        assertThat(look(GROWN)).isFalse();
        assertThat(runs()).isFalse();
    }

    @Test
    void theRoomOfAnotherPoolIsNone() {
        stopped(NO_SPACE);
        look(Optional.of(new PoolRoom("other/nova-pool", 1 << 30, true)));
        assertThat(runs()).isFalse();
        look(Optional.empty());
        assertThat(runs()).isFalse();
    }

    /** Nobody lets it go on but the operator; the next time it is told again. */
    @Test
    void theAlarmOfADiskInAFileEndsWhenItRunsAgain() {
        GuestEvent event = new GuestEvent(UUID_A, GuestEvent.Kind.IO_ERROR, "virtio-disk0 enospc", Instant.now());
        stopped(NO_SPACE);
        life.node().stalled().heard(event);
        look(Optional.empty());
        assertThat(told).containsExactly("out-of-space");
        done(life.node().unpause(OPERATOR, UUID_A, RequestKey.NONE));
        host.diskErrors.clear();
        look(Optional.empty());
        assertThat(told).containsExactly("out-of-space", "out-of-space-over");
        assertThat(life.node().stalled().heard(event)).isTrue();
    }

    @Test
    void disksInFilesAreNotOurs() {
        host.backend = "qcow2";
        done(life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));
        done(life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        stopped(NO_SPACE);
        look(GROWN);
        assertThat(runs()).isFalse();
    }

    /** As when QEMU's error comes while an image of the disk is made. */
    @Test
    void aFailureToGoOnIsTriedAgainAtTheNextLook() {
        stopped(NO_SPACE);
        host.failOnce = "resume";
        quiet(life);
        assertThat(life.node().stalled().look(GROWN)).isTrue();
        Operation failed = OperationsTest.Awaited.ended(
                life.operations(), life.operations().list().get(0).id());
        assertThat(failed.state()).isEqualTo(Operation.State.FAILED);
        assertThat(runs()).isFalse();
        look(GROWN);
        assertThat(runs()).isTrue();
    }
}
