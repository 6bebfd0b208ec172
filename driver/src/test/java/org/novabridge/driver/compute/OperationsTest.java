package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ManualClock;
import org.novabridge.driver.storage.ImageExport;
import org.slf4j.MDC;

class OperationsTest {
    static final String UUID_A = "11111111-1111-4111-8111-111111111111";
    static final String UUID_B = "22222222-2222-4222-8222-222222222222";
    static final Caller OPERATOR = new Caller(Caller.Role.OPERATOR, 0, "root");
    static final Caller NOVA = new Caller(Caller.Role.NOVA, 64060, "nova");

    static final Supplier<OperationLimits> ROOMY = () -> new OperationLimits(100, Duration.ofHours(24), 100);

    @TempDir
    Path state;

    private final ManualClock clock = new ManualClock();
    private OperationLimits limits = ROOMY.get();

    private final List<Undo> undone = Collections.synchronizedList(new ArrayList<>());
    private Operations operations;

    @BeforeEach
    void open() {
        operations = newOperations();
    }

    @AfterEach
    void close() {
        operations.close();
    }

    private Operations newOperations() {
        Operations made = new Operations(new Journal(state, CrashPoint.NONE), clock, 4, () -> limits);
        made.undoWith((action, steps) -> undone.add(action));
        return made;
    }

    private Operation submit(String uuid, RequestKey key, Work work) {
        return operations.submit(Operation.Kind.CREATE, uuid, OPERATOR, key, work);
    }

    private Operation ended(Operation operation) {
        return Awaited.ended(operations, operation.id());
    }

    @Test
    void aResultIsKeptAndTheUndoListIsEmptyAtTheEnd() throws IOException {
        Operation done = ended(submit(UUID_A, RequestKey.NONE, steps -> {
            steps.step("make disk", new Undo.RemoveDisk("qcow2", "disk"));
            return Map.of("updates", Map.of("root_device_name", "/dev/vda"));
        }));

        assertThat(done.state()).isEqualTo(Operation.State.DONE);
        assertThat(done.result()).containsEntry("updates", Map.of("root_device_name", "/dev/vda"));
        assertThat(undone).isEmpty();
        JournalEntry kept = new Journal(state, CrashPoint.NONE).load().get(0);
        assertThat(kept.undo()).isEmpty();
        assertThat(kept.operation(-1)).isEqualTo(done);
        try (Stream<Path> files = Files.list(state.resolve("operations"))) {
            assertThat(files)
                    .hasSize(1)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void whatAnOperationLogsNamesItAndItsInstance() {
        Operation done = ended(submit(UUID_A, RequestKey.NONE, steps -> Map.of("log", MDC.getCopyOfContextMap())));

        assertThat(done.result()).containsEntry("log", Map.of("operation", done.id(), "instance", UUID_A));
    }

    @Test
    void aFailureTakesBackTheStepsFromTheLast() {
        Operation failed = ended(submit(UUID_A, RequestKey.NONE, steps -> {
            steps.step("one", new Undo.RemoveDisk("raw", "disk"));
            steps.step("two", new Undo.UndefineDomain());
            throw new BridgeException(ErrorCode.STORAGE_FULL, "no room", "make room");
        }));

        assertThat(failed.state()).isEqualTo(Operation.State.FAILED);
        assertThat(failed.problem()).isEqualTo(new Problem(ErrorCode.STORAGE_FULL, "no room", "make room"));
        assertThat(undone).containsExactly(new Undo.UndefineDomain(), new Undo.RemoveDisk("raw", "disk"));
        assertThat(new Journal(state, CrashPoint.NONE).load().get(0).undo()).isEmpty();
    }

    @Test
    void anErrorOfTheVirtualMachineDoesNotBlockTheInstanceForGood() {
        Operation broken = ended(submit(UUID_A, RequestKey.NONE, steps -> {
            throw new StackOverflowError("for the test");
        }));
        assertThat(broken.state()).isEqualTo(Operation.State.FAILED);

        assertThat(ended(submit(UUID_A, RequestKey.NONE, steps -> Map.of())).state())
                .isEqualTo(Operation.State.DONE);
    }

    @Test
    void anUndoThatFailsStaysInTheJournal() {
        operations.undoWith((action, steps) -> {
            if (action instanceof Undo.UndefineDomain) {
                throw new BridgeException(ErrorCode.HYPERVISOR_UNAVAILABLE, "away");
            }
            undone.add(action);
        });
        ended(submit(UUID_A, RequestKey.NONE, steps -> {
            steps.step("one", new Undo.RemoveInstanceDirectory());
            steps.step("two", new Undo.UndefineDomain());
            throw new BridgeException(ErrorCode.HYPERVISOR_FAILED, "no");
        }));

        assertThat(undone).containsExactly(new Undo.RemoveInstanceDirectory());
        assertThat(new Journal(state, CrashPoint.NONE).load().get(0).undo()).containsExactly(new Undo.UndefineDomain());
    }

    @Test
    void theLogOfAnUndoThatFailedHasNoDomainDocument() {
        assertThat(new Undo.RestoreDefinition("<domain><name>tenant</name></domain>"))
                .hasToString("RestoreDefinition");
        assertThat(new Undo.RemoveDisk("lvm", "disk").toString()).contains("lvm", "disk");
    }

    @Test
    void anUnexpectedFailureSaysNothingAboutTheHost() {
        Operation failed = ended(submit(UUID_A, RequestKey.NONE, steps -> {
            throw new IllegalStateException("/etc/secret/path");
        }));

        assertThat(failed.problem()).isNotNull().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(ErrorCode.INTERNAL);
            assertThat(problem.detail()).doesNotContain("/etc/secret");
        });
    }

    @Test
    void aKeyRepeatsTheAnswerAlsoAfterARestart() {
        RequestKey key = new RequestKey("k1", "hash");
        Operation first = ended(submit(UUID_A, key, steps -> Map.of("n", 1)));
        assertThat(submit(UUID_A, key, steps -> Map.of("n", 2)).id()).isEqualTo(first.id());

        operations.close();
        operations = newOperations();
        new Journal(state, CrashPoint.NONE).load().forEach(operations::adopt);

        Operation again = submit(UUID_A, key, steps -> Map.of("n", 3));
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.result()).containsEntry("n", 1);
        assertThat(operations.list()).hasSize(1);
    }

    private void restart() {
        operations.close();
        operations = newOperations();
        new Journal(state, CrashPoint.NONE).load().forEach(operations::adopt);
    }

    @Test
    void anAnswerIsKeptForAsLongAsTheOptionSaysAlsoAfterARestart() {
        limits = new OperationLimits(100, Duration.ofHours(2), 100);
        RequestKey key = new RequestKey("k1", "hash");
        String first = ended(submit(UUID_A, key, steps -> Map.of())).id();

        clock.pass(Duration.ofMinutes(119));
        restart();
        assertThat(submit(UUID_A, key, steps -> Map.of()).id()).isEqualTo(first);
        clock.pass(Duration.ofMinutes(2));
        restart();
        Operation anew = ended(submit(UUID_A, key, steps -> Map.of()));
        assertThat(anew.id()).isNotEqualTo(first);
        assertThat(operations.find(first)).isEmpty();
        assertThat(new Journal(state, CrashPoint.NONE).load())
                .extracting(JournalEntry::id)
                .containsExactly(anew.id());
    }

    @Test
    void ofTooManyAnswersTheOldestGoFirstAlsoAfterARestart() {
        limits = new OperationLimits(100, Duration.ofHours(24), 3);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clock.pass(Duration.ofSeconds(1));
            ids.add(ended(submit(UUID_A, new RequestKey("k" + i, "hash"), steps -> Map.of()))
                    .id());
        }
        assertThat(operations.list()).hasSize(4);
        limits = new OperationLimits(100, Duration.ofHours(24), 2);
        restart();
        clock.pass(Duration.ofSeconds(1));
        assertThat(submit(UUID_A, new RequestKey("k4", "hash"), steps -> Map.of())
                        .id())
                .isEqualTo(ids.get(4));
        assertThat(operations.list()).extracting(Operation::id).containsExactly(ids.get(4), ids.get(3));
    }

    /** The end of a quiesce is the caller's, and comes by itself when the caller does not. */
    @Test
    void whatIsLeftToTheCallerStandsForItsTimeAndIsNoLeftoverUntilThen() {
        Undo stands = new Undo.Unquiesce(clock.instant().plusSeconds(300).toString());
        Operation done = ended(submit(UUID_A, RequestKey.NONE, steps -> {
            steps.step("for a moment", new Undo.Thaw());
            steps.step("for longer", stands);
            return Map.of();
        }));
        assertThat(done.state()).isEqualTo(Operation.State.DONE);
        assertThat(new Journal(state, CrashPoint.NONE).load().get(0).undo()).containsExactly(stands);
        assertThat(operations.holds(UUID_A, stands::equals)).isTrue();
        assertThat(operations.owes(UUID_A, stands::equals)).isTrue();
        assertThat(operations.owes(UUID_B, stands::equals)).isFalse();
        assertThat(operations.unsettled(UUID_A)).isFalse();
        operations.retryLeft();
        ended(submit(UUID_A, RequestKey.NONE, steps -> Map.of()));
        assertThat(undone).isEmpty();
        assertThat(operations.left()).isEmpty();

        clock.pass(Duration.ofSeconds(301));
        assertThat(operations.left()).extracting(JournalEntry::id).containsExactly(done.id());
        assertThat(operations.holds(UUID_A, stands::equals)).isFalse();
        assertThat(operations.unsettled(UUID_A)).isTrue();
        operations.retryLeft(UUID_A, stands::equals);
        ended(submit(UUID_A, RequestKey.NONE, steps -> Map.of()));
        assertThat(undone).containsExactly(stands);
        assertThat(operations.owes(UUID_A, stands::equals)).isFalse();
    }

    @Test
    void whatStandsEndsByItselfAfterItsTime() throws InterruptedException {
        Undo stands = new Undo.Unquiesce(clock.instant().plusMillis(300).toString());
        ended(submit(UUID_A, RequestKey.NONE, steps -> {
            steps.step("for a moment", stands);
            return Map.of();
        }));
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (undone.isEmpty()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(20);
        }
        assertThat(undone).containsExactly(stands);
    }

    @Test
    void whatIsStillToBeTakenBackIsKeptHoweverOld() {
        operations.undoWith((action, steps) -> {
            throw new BridgeException(ErrorCode.HYPERVISOR_UNAVAILABLE, "away");
        });
        Operation failed = ended(submit(UUID_A, RequestKey.NONE, steps -> {
            steps.step("define", new Undo.UndefineDomain());
            throw new BridgeException(ErrorCode.HYPERVISOR_UNAVAILABLE, "away");
        }));
        clock.pass(Duration.ofDays(30));
        ended(submit(UUID_B, RequestKey.NONE, steps -> Map.of()));

        assertThat(operations.find(failed.id())).isPresent();
    }

    @Test
    void beyondTheLimitARequestIsRefusedAndLeavesNothing() {
        limits = new OperationLimits(2, Duration.ofHours(24), 100);
        CountDownLatch hold = new CountDownLatch(1);
        CountDownLatch runs = new CountDownLatch(1);
        Operation running = submit(UUID_A, RequestKey.NONE, steps -> {
            runs.countDown();
            await(hold);
            return Map.of();
        });
        await(runs);
        RequestKey key = new RequestKey("waits", "hash");
        Operation waits = submit(UUID_A, key, steps -> Map.of());
        submit(UUID_A, RequestKey.NONE, steps -> Map.of());

        assertThatThrownBy(() -> submit(UUID_B, RequestKey.NONE, steps -> Map.of()))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.TOO_MANY_OPERATIONS);
                    assertThat(e.remedy()).contains("[nova_bridge]max_waiting_operations");
                });
        assertThat(operations.list()).hasSize(3);
        assertThat(submit(UUID_A, key, steps -> Map.of()).id())
                .as("a known key asks for nothing new")
                .isEqualTo(waits.id());
        hold.countDown();
        ended(running);
        ended(waits);
        Operation later = submit(UUID_A, RequestKey.NONE, steps -> Map.of());
        assertThat(ended(later).state()).isEqualTo(Operation.State.DONE);
    }

    @Test
    void aKeyForAnotherRequestIsRefused() {
        ended(submit(UUID_A, new RequestKey("k1", "hash"), steps -> Map.of()));

        assertThatThrownBy(() -> submit(UUID_A, new RequestKey("k1", "other"), steps -> Map.of()))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.KEY_REUSED));
    }

    @Test
    void operationsOfOneInstanceRunOneAfterTheOtherAndOthersBeside() throws InterruptedException {
        CountDownLatch hold = new CountDownLatch(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        Operation first = submit(UUID_A, RequestKey.NONE, steps -> {
            await(hold);
            order.add("first");
            return Map.of();
        });
        Operation second = submit(UUID_A, RequestKey.NONE, steps -> {
            order.add("second");
            return Map.of();
        });
        Operation other = ended(submit(UUID_B, RequestKey.NONE, steps -> {
            order.add("other");
            return Map.of();
        }));

        assertThat(other.state()).isEqualTo(Operation.State.DONE);
        assertThat(operations.get(second.id()).state()).isEqualTo(Operation.State.PENDING);
        hold.countDown();
        ended(first);
        ended(second);
        assertThat(order).containsExactly("other", "first", "second");
    }

    @Test
    void aCancelledOperationTakesBackWhatItDid() {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        Operation running = submit(UUID_A, RequestKey.NONE, steps -> {
            steps.step("one", new Undo.RemoveInstanceDirectory());
            started.countDown();
            await(hold);
            steps.step("two");
            return Map.of();
        });
        await(started);
        assertThatThrownBy(() -> operations.cancel(NOVA, running.id()))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
        operations.cancel(OPERATOR, running.id());
        hold.countDown();

        assertThat(ended(running).state()).isEqualTo(Operation.State.CANCELLED);
        assertThat(undone).containsExactly(new Undo.RemoveInstanceDirectory());
    }

    @Test
    void listenersSeePhaseAndProgress() {
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        try (Subscription unused =
                operations.onChange(o -> seen.add(o.state().word() + " " + o.phase() + " " + (int) o.percent()))) {
            ended(submit(UUID_A, RequestKey.NONE, steps -> {
                steps.report("convert image", 10.2);
                steps.report("convert image", 10.4);
                // Who is told of whole percents only may look closer: of a large disk one takes long.
                assertThat(operations.get(steps.id()).percent()).isEqualTo(10.4);
                steps.report("convert image", 55);
                return Map.of();
            }));
        }

        assertThat(seen)
                .containsExactly(
                        "pending waiting -1",
                        "running starting -1",
                        "running convert image 10",
                        "running convert image 55",
                        "done done -1");
    }

    @Test
    void aNewerJournalStopsTheStartAndNothingIsTouched() throws IOException {
        Journal journal = new Journal(state, CrashPoint.NONE);
        Path newer = state.resolve("operations/x.json");
        Path halfWritten = state.resolve("operations/y.json.tmp");
        Files.writeString(newer, "{\"version\": " + (JournalEntry.VERSION + 1) + ", \"what\": \"ever\"}");
        Files.writeString(halfWritten, "{");

        assertThatThrownBy(journal::load)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION))
                .hasMessageContaining("version " + (JournalEntry.VERSION + 1));
        assertThat(newer).exists();
        assertThat(halfWritten).exists();
    }

    @Test
    void aJournalOfTheVersionBeforeIsReadAndWrittenAnewInOurs() throws IOException {
        Journal journal = new Journal(state, CrashPoint.NONE);
        Path file = state.resolve("operations/id.json");
        Files.writeString(file, """
                {"version": %d, "id": "id", "kind": "create", "instance": "%s",
                 "caller": {"role": "OPERATOR", "uid": 0, "name": "root"}, "key": null, "requestHash": null,
                 "state": "running", "phase": "create disk", "created": "2026-01-01T08:00:00Z",
                 "updated": "2026-01-01T08:00:00Z", "undo": [{"undo": "remove-record"}],
                 "children": [{"pid": 12, "startTime": 3456789, "program": "qemu-img", "endable": true}],
                 "result": {}, "problem": null}
                """.formatted(JournalEntry.VERSION - 1, UUID_A));

        JournalEntry old = journal.load().get(0);
        assertThat(old.children()).containsExactly(new JournalEntry.Child(12, 3456789, null, "qemu-img", true));
        assertThat(old.undo()).containsExactly(new Undo.RemoveRecord());
        journal.write(old.phase("settled", clock.instant()));
        assertThat(Files.readString(file)).contains("\"version\" : " + JournalEntry.VERSION);
        assertThat(journal.load()).hasSize(1);
    }

    @Test
    void everyUndoActionSurvivesTheJournal() {
        List<Undo> all = List.of(
                new Undo.RemoveDisk("lvm", "disk.eph0"),
                new Undo.RemoveInstanceDirectory(),
                new Undo.UndefineDomain(),
                new Undo.RemoveFile("disk.config"),
                new Undo.RemoveRecord(),
                new Undo.RestoreDefinition("<domain type='qemu'>\n</domain>"),
                new Undo.RemoveSnapshot("lvm-thin"),
                new Undo.RemoveImage(new ImageExport.Target("id", "qcow2", true, Path.of("/srv/i m.qcow2"))),
                new Undo.RemoveImage(new ImageExport.Target("id", "raw", false, null)),
                new Undo.LetRun(7),
                new Undo.LockDisk("lvm-crypt", "disk.eph0"),
                new Undo.RemoveSecret("a-volume"),
                new Undo.ReleaseLook("lvm-thin"),
                new Undo.StopPaused(),
                new Undo.Thaw(),
                new Undo.Unquiesce("2026-01-01T08:05:00Z"),
                new Undo.DiscardKept("lvm", "disk"),
                new Undo.RestoreKept("lvm-thin", "disk"),
                new Undo.RemoveAdded("lvm", "disk.swap"),
                new Undo.FinishGrowth("lvm", "disk"),
                new Undo.ForgetResize(),
                new Undo.RevertResize(),
                new Undo.RemoveRescueDisk("lvm", "disk.rescue"),
                new Undo.ForgetRescue(),
                new Undo.Unrescue(),
                new Undo.RemoveVolume("vdb", "a-volume"),
                new Undo.RemoveSecret("a-volume"),
                new Undo.FinishDetach("sda", null),
                new Undo.PlugBack("vdb", "v-1", "<disk/>"),
                new Undo.RemovePort("fa:16:3e:00:00:01"),
                new Undo.FinishPort("fa:16:3e:00:00:01"));
        Journal journal = new Journal(state, CrashPoint.NONE);
        JournalEntry entry = JournalEntry.pending(
                        "id",
                        Operation.Kind.CREATE,
                        UUID_A,
                        OPERATOR,
                        RequestKey.NONE,
                        Clock.systemUTC().instant())
                .undo(all, Clock.systemUTC().instant())
                .children(
                        List.of(new JournalEntry.Child(12, 3456789, "a-boot-id", "qemu-img convert", true)),
                        Clock.systemUTC().instant());
        journal.write(entry);

        assertThat(all.stream().map(Object::getClass).distinct()).containsAll(records(Undo.class));
        assertThat(journal.load()).containsExactly(entry);
    }

    /** What a sealed interface has at its ends. */
    private static List<Class<?>> records(Class<?> sealed) {
        return Stream.of(sealed.getPermittedSubclasses())
                .flatMap(each -> each.isRecord() ? Stream.of(each) : records(each).stream())
                .toList();
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits for the end of operations without a clock of its own. */
    static final class Awaited {
        private Awaited() {}

        static Operation ended(Operations operations, String id) {
            return ended(operations, id, Duration.ofSeconds(60));
        }

        static Operation ended(Operations operations, String id, Duration atMost) {
            CountDownLatch end = new CountDownLatch(1);
            try (Subscription unused = operations.onChange(changed -> {
                if (changed.id().equals(id) && changed.state().ended()) {
                    end.countDown();
                }
            })) {
                if (!operations.get(id).state().ended()) {
                    assertThat(end.await(atMost.toSeconds(), TimeUnit.SECONDS))
                            .as("the end of %s", operations.get(id))
                            .isTrue();
                }
                return operations.get(id);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
