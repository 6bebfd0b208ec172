package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.Dying.dieAt;
import static org.novabridge.driver.compute.Dying.quiet;
import static org.novabridge.driver.compute.OperationsTest.NOVA;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;
import static org.novabridge.driver.compute.OperationsTest.UUID_A;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.exec.HostProcess;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.ErrorCode;

/** The bridge dies at every place where it could, one after the other, on a host of maps. */
class SettlementTest {
    @TempDir(factory = InMemory.class)
    Path folder;

    private int hosts;

    private FakeHost newHost() {
        return new FakeHost(folder.resolve("h" + hosts++));
    }

    @Test
    void aCreateOfTheOperatorThatDiesAnywhereLeavesNothing() {
        int places = 0;
        while (true) {
            FakeHost host = newHost();
            String where = dieAt(
                    host, places + 1, life -> life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
            if (where.isEmpty()) {
                break;
            }
            places++;
            FakeHost.Life next = host.open(CrashPoint.NONE);
            quiet(next);
            boolean finished = next.operations().list().stream().anyMatch(o -> o.state() == Operation.State.DONE);
            if (finished) {
                assertThat(where).startsWith("journal after").contains("done");
                assertThat(host.running).containsKey(UUID_A);
            } else {
                assertThat(host.left(UUID_A)).as("after dying at %s", where).isEmpty();
            }
            next.operations().close();
        }
        assertThat(places).isGreaterThan(30);
    }

    @Test
    void aDeleteThatDiesAnywhereGoesForward() {
        int places = 0;
        while (true) {
            FakeHost host = newHost();
            FakeHost.Life first = host.open(CrashPoint.NONE);
            OperationsTest.Awaited.ended(
                    first.operations(),
                    first.node()
                            .create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE)
                            .id());
            first.operations().close();
            String where = dieAt(host, places + 1, life -> life.node().delete(OPERATOR, UUID_A, RequestKey.NONE));
            if (where.isEmpty()) {
                break;
            }
            places++;
            FakeHost.Life next = host.open(CrashPoint.NONE);
            quiet(next);
            if (where.startsWith("journal before delete waiting")) {
                assertThat(host.running).as("nothing was asked yet").containsKey(UUID_A);
            } else {
                assertThat(host.left(UUID_A)).as("after dying at %s", where).isEmpty();
            }
            next.operations().close();
        }
        assertThat(places).isGreaterThan(20);
    }

    @Test
    void aHardRebootThatDiesAnywhereLeavesAWholeDefinitionAndTheDisksAndStartsNothing() {
        int places = 0;
        while (true) {
            FakeHost host = newHost();
            FakeHost.Life first = host.open(CrashPoint.NONE);
            OperationsTest.Awaited.ended(
                    first.operations(),
                    first.node()
                            .create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE)
                            .id());
            first.operations().close();
            host.cacheMode = "writeback";
            String where = dieAt(
                    host,
                    places + 1,
                    life -> life.node().reboot(OPERATOR, UUID_A, RebootType.HARD, null, RequestKey.NONE));
            if (where.isEmpty()) {
                break;
            }
            places++;
            boolean ranBefore = host.running.containsKey(UUID_A);
            FakeHost.Life next = host.open(CrashPoint.NONE);
            quiet(next);
            assertThat(host.running.containsKey(UUID_A)).as(where).isEqualTo(ranBefore);
            assertThat(host.definitions).as(where).containsKey(UUID_A);
            assertThat(host.disks).as(where).hasSize(2);
            next.operations().close();
        }
        assertThat(places).isGreaterThan(15);
    }

    @Test
    void aCreateOfNovaWaitsForItsCallerAndThenRollsBack() throws Exception {
        FakeHost host = newHost();
        RequestKey key = new RequestKey("k", "h");
        dieAt(host, 20, life -> life.node().create(NOVA, FakeHost.spec(UUID_A), key));
        assertThat(host.left(UUID_A)).isNotEmpty();

        FakeHost.Life next = host.open(CrashPoint.NONE);
        Operation interrupted = next.operations().list().get(0);
        assertThat(interrupted.state()).isEqualTo(Operation.State.INTERRUPTED);
        assertThat(interrupted.problem()).isNotNull();
        assertThat(interrupted.result()).containsKey("outside");
        assertThat(host.left(UUID_A)).as("the lease runs").isNotEmpty();
        Instant end = Instant.now().plusSeconds(60);
        while (!host.left(UUID_A).isEmpty()) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(20);
        }
        assertThat(next.operations().get(interrupted.id()).state()).isEqualTo(Operation.State.INTERRUPTED);
        next.operations().close();
    }

    @Test
    void aCallerThatComesBackWithItsKeyGetsItsGuest() {
        FakeHost host = newHost();
        RequestKey key = new RequestKey("k", "h");
        dieAt(host, 20, life -> life.node().create(NOVA, FakeHost.spec(UUID_A), key));

        FakeHost.Life next = host.open(CrashPoint.NONE);
        String id = next.operations().list().get(0).id();
        Operation again = next.node().create(NOVA, FakeHost.spec(UUID_A), key);
        assertThat(again.id()).isEqualTo(id);
        quiet(next);
        assertThat(next.operations().get(id).state()).isEqualTo(Operation.State.DONE);
        assertThat(next.operations().get(id).problem()).isNull();
        assertThat(host.running).containsEntry(UUID_A, GuestState.RUNNING);
        next.operations().close();
    }

    @Test
    void aNewRequestForTheInstanceEndsTheLeaseFirst() {
        FakeHost host = newHost();
        dieAt(host, 20, life -> life.node().create(NOVA, FakeHost.spec(UUID_A), new RequestKey("k", "h")));

        FakeHost.Life next = host.open(CrashPoint.NONE);
        next.node().delete(NOVA, UUID_A, RequestKey.NONE);
        quiet(next);
        assertThat(host.left(UUID_A)).isEmpty();
        Operation created = OperationsTest.Awaited.ended(
                next.operations(),
                next.node()
                        .create(NOVA, FakeHost.spec(UUID_A), new RequestKey("k2", "h"))
                        .id());
        assertThat(created.state()).isEqualTo(Operation.State.DONE);
        sleepPastTheLease();
        quiet(next);
        assertThat(host.running)
                .as("the old lease must not touch the new guest")
                .containsKey(UUID_A);
        next.operations().close();
    }

    private static void sleepPastTheLease() {
        try {
            Thread.sleep(Duration.ofMillis(400).toMillis());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anUndoThatFailedIsNotRunOnALaterGuestOfTheSameUuid() {
        FakeHost host = newHost();
        FakeHost.Life first = host.open(CrashPoint.NONE);
        String id = first.node()
                .prepare(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE)
                .id();
        OperationsTest.Awaited.ended(first.operations(), id);
        // The start fails and its undo fails too: the definition stays and so does the action.
        host.failAt = "start|destroy";
        Operation start = first.node().start(OPERATOR, UUID_A, false, RequestKey.NONE);
        assertThat(OperationsTest.Awaited.ended(first.operations(), start.id()).state())
                .isEqualTo(Operation.State.FAILED);
        assertThat(host.definitions).containsKey(UUID_A);
        host.failAt = null;
        Operation again = first.node().start(OPERATOR, UUID_A, false, RequestKey.NONE);
        OperationsTest.Awaited.ended(first.operations(), again.id());
        first.operations().close();

        FakeHost.Life next = host.open(CrashPoint.NONE);
        quiet(next);
        assertThat(host.running).containsKey(UUID_A);
        next.operations().close();
    }

    private static JournalEntry.Child child(Process process, boolean endable) throws Exception {
        HostProcess now = HostProcess.of(process.pid());
        return new JournalEntry.Child(now.pid(), now.startTime(), now.boot(), "child", endable);
    }

    @Test
    void aChildThatMayEndIsEndedAndAnotherProcessOfTheSameNumberIsNot() throws Exception {
        Process process = new ProcessBuilder("/bin/sleep", "60").start();
        try {
            JournalEntry.Child child = child(process, true);
            LeftChildren.settle(List.of(
                    new JournalEntry.Child(child.pid(), child.startTime() + 1, child.boot(), "sleep", true),
                    new JournalEntry.Child(child.pid(), child.startTime(), "another boot", "sleep", true)));
            assertThat(process.isAlive()).isTrue();
            LeftChildren.settle(List.of(child));
            assertThat(process.waitFor()).isEqualTo(137);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aChildThatAnOlderBridgeWroteDownWithoutTheBootIsFoundByItsStart() throws Exception {
        Process process = new ProcessBuilder("/bin/sleep", "60").start();
        try {
            JournalEntry.Child child = child(process, true);
            LeftChildren.settle(List.of(new JournalEntry.Child(child.pid(), child.startTime(), null, "sleep", true)));
            assertThat(process.waitFor()).isEqualTo(137);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void allThatAChildStartedIsEndedWithIt() throws Exception {
        Path pids = folder.resolve("pids");
        Process process = new ProcessBuilder(
                        "/usr/bin/setsid",
                        "/bin/sh",
                        "-c",
                        "sleep 60 & echo $! > \"$0.1\"; (sleep 60 & echo $! > \"$0.2\"); sync; mv \"$0.2\" \"$0\"; wait",
                        pids.toString())
                .start();
        JournalEntry.Child child = child(process, true);
        Instant end = Instant.now().plusSeconds(60);
        while (!Files.exists(pids)) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(20);
        }
        ProcessHandle below = handle(folder.resolve("pids.1"));
        ProcessHandle orphan = handle(pids);
        assertThat(below.isAlive()).isTrue();
        assertThat(orphan.isAlive()).isTrue();

        LeftChildren.settle(List.of(child));
        assertThat(process.waitFor()).isEqualTo(137);
        gone(below);
        gone(orphan);
    }

    @Test
    void whatAChildLeftBehindWhenItDiedIsEndedTooAndNobodyElsesDaemonIs() throws Exception {
        ProcessHandle ours = settleAfterTheChild("NOVA_BRIDGE_CHILD");
        gone(ours);

        ProcessHandle daemon = settleAfterTheChild("SOMETHING_ELSE");
        try {
            assertThat(daemon.isAlive())
                    .as("a session whose number was ours once")
                    .isTrue();
        } finally {
            daemon.destroyForcibly();
        }
    }

    /** What a child with a session of its own leaves behind, after the settlement. */
    private ProcessHandle settleAfterTheChild(String variable) throws Exception {
        Path pid = folder.resolve(variable);
        ProcessBuilder builder = new ProcessBuilder(
                "/usr/bin/setsid", "/bin/sh", "-c", "sleep 60 & echo $! > \"$0\"; sleep 0.3", pid.toString());
        builder.environment().put(variable, "1");
        Process process = builder.start();
        JournalEntry.Child child = child(process, true);
        assertThat(process.waitFor()).isZero();
        ProcessHandle left = handle(pid);
        assertThat(left.isAlive()).isTrue();
        LeftChildren.settle(List.of(child));
        return left;
    }

    private static ProcessHandle handle(Path pid) throws Exception {
        return ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
    }

    /** Dead; whether somebody has reaped it is not ours to say. */
    private static void gone(ProcessHandle process) throws Exception {
        Path stat = Path.of("/proc", Long.toString(process.pid()), "stat");
        assertThat(!Files.exists(stat) || Files.readString(stat).contains(") Z "))
                .isTrue();
    }

    @Test
    void aChildThatMustEndByItselfIsWaitedFor() throws Exception {
        Path mark = folder.resolve("mark");
        Process process = new ProcessBuilder("/bin/sh", "-c", "sleep 0.3; touch \"$0\"", mark.toString()).start();
        LeftChildren.settle(List.of(child(process, false)));
        assertThat(Files.exists(mark)).isTrue();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void theProblemOfAnInterruptedOperationSaysWhereItStopped() {
        FakeHost host = newHost();
        dieAt(host, 20, life -> life.node().create(OPERATOR, FakeHost.spec(UUID_A), RequestKey.NONE));
        FakeHost.Life next = host.open(CrashPoint.NONE);
        quiet(next);
        assertThat(next.operations().list().get(0).problem()).isNotNull().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.INTERRUPTED);
            assertThat(problem.detail()).contains("create disk").contains("of create");
        });
        next.operations().close();
    }
}
