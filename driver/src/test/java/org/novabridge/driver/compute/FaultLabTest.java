package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.compute.FaultyExecutor.Fault;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.hypervisor.GuestState;

/**
 * Each command in turn goes wrong while disks are made, removed, imaged and resized on real logical volumes: what was begun is taken
 * back or brought to its end, the disk of another instance is as it was, and the next attempt works. Each kind of
 * command with one fault, or all where there are few; with {@code -Dcrash.all=true} every command with every fault.
 */
@Tag("lab")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class FaultLabTest extends CrashVolumesHost {
    private static final boolean ALL = Boolean.getBoolean("crash.all");

    /** Of fewer kinds of commands than these, each has every fault: one for each would leave some out. */
    private static final int FEW = 4;

    /** How often a process may be over before its signal comes. */
    private static final int TRIES = 5;

    /** What an instance is in the middle of. */
    private enum Work {
        MAKING(8),
        REMOVAL(4),
        SNAPSHOT(4),
        RESIZE(6);

        private final int least;

        /** @param least commands that are more than so many */
        Work(int least) {
            this.least = least;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "thin, RESIZE",
        "lvm, SNAPSHOT",
        "thin, SNAPSHOT",
        "lvm, RESIZE",
        "lvm, MAKING",
        "lvm, REMOVAL",
        "thin, MAKING",
        "thin, REMOVAL"
    })
    void nothingIsLeftWhicheverCommandFails(String backend, Work work) throws Exception {
        EmbedBridge bridge = host(6, lines(backend));
        try (Run run = new Run(bridge, work)) {
            List<Command> commands = run.attempt(0, Fault.REFUSES);
            List<String> wrong = new ArrayList<>(run.wrong());
            Map<Fault, Integer> tried = new EnumMap<>(Fault.class);
            int turn = 0;
            Collection<Integer> places = places(commands);
            boolean all = ALL || places.size() < FEW;
            for (int place : places) {
                for (Fault fault : faults(commands.get(place - 1), all, turn)) {
                    turn++;
                    String what = fault + " " + commands.get(place - 1);
                    for (int i = 0; i == 0 || run.commands.missed() && i < TRIES; i++) {
                        run.attempt(place, fault);
                        run.wrong().forEach(each -> wrong.add(each + " (" + what + ")"));
                    }
                    if (run.commands.missed()) {
                        System.out.println("  always over before its signal: " + what);
                    } else {
                        tried.merge(fault, 1, Integer::sum);
                    }
                }
            }
            wrong.forEach(each -> System.out.println("  WRONG " + each));
            System.out.println("fault: " + backend + " " + work.name().toLowerCase(Locale.ROOT) + ": " + tried + " of "
                    + commands.size() + " commands");
            assertThat(commands).hasSizeGreaterThan(work.least);
            assertThat(wrong).isEmpty();
            assertThat(tried).as("faults that came about").containsKeys(Fault.HANGS, Fault.REFUSES);
        }
    }

    /** One of LVM's hangs in the lock of the group, past its alarm: who made it is told, and all others wait and end well. */
    @ParameterizedTest
    @ValueSource(strings = {"lvm", "thin"})
    void theOthersWaitForACommandThatHangsInTheLock(String backend) throws Exception {
        EmbedBridge bridge = host(6, lines(backend));
        try (Run run = new Run(bridge, Work.MAKING)) {
            CrashInstance going = run.another();
            assertThat(going.make(false).state()).isEqualTo(Operation.State.DONE);
            CrashInstance coming = run.another();
            ExecutorService others = Executors.newFixedThreadPool(2);
            try {
                List<Future<Operation>> waiting = new CopyOnWriteArrayList<>();
                AtomicReference<Instant> hung = new AtomicReference<>();
                run.commands.arm("lvcreate", Fault.HANGS, () -> {
                    hung.set(Instant.now());
                    waiting.add(others.submit(() -> coming.make(false)));
                    waiting.add(others.submit(() -> going.remove(false)));
                });
                Operation made = run.instance.make(false);
                run.commands.disarm();
                assertThat(hung.get()).as("lvcreate was met in the lock").isNotNull();
                assertThat(made.state()).as("%s", made).isEqualTo(Operation.State.DONE);
                assertThat(run.phases).contains("waiting for lvcreate, which must not be ended");
                for (Future<Operation> each : waiting) {
                    Operation ended = each.get();
                    assertThat(ended.state()).as("%s", ended).isEqualTo(Operation.State.DONE);
                    assertThat(ended.updated()).isAfter(hung.get());
                }
                System.out.println("fault: " + backend + " lvcreate hung in the lock, 3 operations ended "
                        + Duration.between(hung.get(), Instant.now()).toSeconds() + " s later");
            } finally {
                others.shutdown();
            }
            assertThat(coming.remove(false).state()).isEqualTo(Operation.State.DONE);
            assertThat(run.instance.remove(false).state()).isEqualTo(Operation.State.DONE);
            for (CrashInstance each : List.of(run.instance, coming, going)) {
                run.settle(each, false, false);
            }
            assertThat(run.wrong()).isEmpty();
        }
    }

    private static String[] lines(String backend) {
        return backend.equals("thin")
                ? new String[] {"images_lvm_type = thin", CrashResizeThinLabTest.ROOM}
                : new String[0];
    }

    /** From 1. The last of each kind, so that most has been done that must be taken back. */
    private static Collection<Integer> places(List<Command> commands) {
        Map<String, Integer> last = new LinkedHashMap<>();
        for (int i = 0; i < commands.size(); i++) {
            Command command = commands.get(i);
            String kind = command.program() + " "
                    + command.arguments().stream()
                            .findFirst()
                            .filter(word -> !word.startsWith("-"))
                            .orElse("");
            last.put(ALL ? Integer.toString(i) : kind, i + 1);
        }
        return last.values();
    }

    private static List<Fault> faults(Command command, boolean all, int turn) {
        List<Fault> suiting = List.of(Fault.values()).stream()
                .filter(fault -> fault.suits(command))
                .toList();
        return all ? suiting : List.of(suiting.get(turn % suiting.size()));
    }

    /** A driver whose commands can go wrong. */
    private static final class Run implements AutoCloseable {
        private static final Duration LONG = Duration.ofMinutes(2);

        /** MiB of the swap disk, which a resize makes anew. */
        private static final int SWAP = 4;

        private final EmbedBridge bridge;
        private final ConfigHolder config;
        private final Work work;
        private final ComputeDriver driver;
        private final CrashInstance instance;
        private final StandInGuest guest;
        private final CrashResize resize;
        private final FaultyExecutor commands = new FaultyExecutor();
        private final List<String> phases = new CopyOnWriteArrayList<>();
        private final List<String> wrong = new ArrayList<>();
        private boolean there;

        Run(EmbedBridge bridge, Work work) {
            String uuid = UUID.randomUUID().toString();
            this.bridge = bridge;
            this.config = bridge.load();
            this.work = work;
            this.guest = new StandInGuest(bridge.folder().resolve("guest"), uuid);
            this.driver = ComputeDriver.open(
                    config,
                    Clock.systemUTC(),
                    new ComputeDriver.Wiring(
                            CrashPoint.NONE,
                            hypervisor -> new CrashChild.CrashingHypervisor(hypervisor, CrashPoint.NONE, guest),
                            commands::before));
            this.instance = new CrashInstance(bridge, config, uuid, driver);
            this.resize = new CrashResize(driver, instance, guest, uuid);
            driver.operations().onChange(operation -> phases.add(operation.phase()));
        }

        /** Of few disks. */
        CrashInstance another() {
            CrashInstance made =
                    new CrashInstance(bridge, config, UUID.randomUUID().toString(), driver);
            made.withFewDisks(0);
            return made;
        }

        /** All of it with an instance, after which it is as before; gives the commands of the part that was to go wrong. */
        List<Command> attempt(int place, Fault fault) throws Exception {
            return switch (work) {
                case MAKING, REMOVAL -> makeAndRemove(place, fault);
                case SNAPSHOT, RESIZE -> besideItsGuest(place, fault);
            };
        }

        private List<Command> makeAndRemove(int place, Fault fault) throws Exception {
            boolean making = work == Work.MAKING;
            if (making) {
                instance.removeBases();
                commands.arm(place, fault);
            }
            Operation made = instance.make(false);
            List<Command> ran = making ? ended(place, fault, made) : List.of();
            expect(place > 0 || made.state() == Operation.State.DONE, "the making is " + made);
            if (made.state() == Operation.State.DONE) {
                if (!making) {
                    instance.write();
                    commands.arm(place, fault);
                }
                Operation removed = instance.remove(false);
                ran = making ? ran : ended(place, fault, removed);
                if (removed.state() != Operation.State.DONE) {
                    expect(!making && place > 0, "the removal is " + removed);
                    done(instance.remove(false), "the removal is, again, ");
                }
            }
            settle(instance, false, place > 0);
            return ran;
        }

        /** The instance stays from one attempt to the next. */
        private List<Command> besideItsGuest(int place, Fault fault) throws Exception {
            if (!there) {
                instance.withFewDisks(SWAP);
                done(instance.make(false), "the making is ");
                instance.write();
                there = true;
            }
            guest.run();
            commands.arm(place, fault);
            Operation operation = work == Work.RESIZE ? resize.resize() : snapshot();
            List<Command> ran = ended(place, fault, operation);
            boolean well = operation.state() == Operation.State.DONE;
            expect(place > 0 || well, "it is " + operation);
            // A resize that fails after it has stopped the guest leaves it stopped.
            boolean mayStand = work == Work.RESIZE && !well;
            expect(mayStand || guest.state() == GuestState.RUNNING, "the guest is " + guest.state());
            if (work == Work.RESIZE) {
                wrong.addAll(resize.wrong(well, well));
                if (well) {
                    done(resize.revert(), "the revert is ");
                    wrong.addAll(resize.wrong(false, false));
                }
            } else {
                Path image = bridge.instances().resolve("snapshots").resolve(operation.id() + ".raw");
                expect(Files.deleteIfExists(image) == well, "the image is there or missing after " + operation);
            }
            guest.end();
            settle(instance, true, place > 0);
            return ran;
        }

        private Operation snapshot() {
            return instance.ended(driver.instances()
                    .snapshot(
                            OperationsTest.OPERATOR,
                            instance.uuid(),
                            new SnapshotRequest(null, null, null),
                            RequestKey.NONE));
        }

        /** What must finish does, however long it takes, and says so meanwhile. */
        private List<Command> ended(int place, Fault fault, Operation operation) {
            List<Command> ran = commands.disarm();
            boolean waited = fault == Fault.HANGS
                    && place > 0
                    && place <= ran.size()
                    && ran.get(place - 1).effect() == Effect.MUST_FINISH
                    && !commands.missed();
            if (waited) {
                expect(
                        operation.state() == Operation.State.DONE,
                        "what waited for a command that hung is " + operation);
                String told = "waiting for " + ran.get(place - 1).program() + ", which must not be ended";
                expect(phases.contains(told), "nobody was told: " + told);
            }
            phases.clear();
            return ran;
        }

        /**
         * Waits until nothing goes on, and looks at what is left.
         *
         * @param faulty something went wrong: a wipe that has failed leaves its volume, under a name of its own, to the next
         *     start or to who asks
         */
        void settle(CrashInstance of, boolean stays, boolean faulty) throws Exception {
            await(of::atWork);
            if (faulty && of.busy()) {
                done(
                        of.ended(
                                driver.reconciliation().reconcile(OperationsTest.OPERATOR, List.of(), RequestKey.NONE)),
                        "the reconcile is ");
            }
            // A wipe that a reconcile begins is an operation of its own.
            await(of::busy);
            of.left(stays).forEach(each -> wrong.add(each + " is left"));
        }

        private static void await(Callable<Boolean> busy) throws Exception {
            Instant end = Instant.now().plus(LONG);
            while (busy.call() && Instant.now().isBefore(end)) {
                Thread.sleep(20);
            }
        }

        private void done(Operation operation, String what) {
            expect(operation.state() == Operation.State.DONE, what + operation);
        }

        private void expect(boolean right, String otherwise) {
            if (!right) {
                wrong.add(otherwise);
            }
        }

        /** What went wrong since it was last asked. */
        List<String> wrong() {
            List<String> since = List.copyOf(wrong);
            wrong.clear();
            return since;
        }

        @Override
        public void close() {
            if (there) {
                instance.remove(false);
            }
            driver.close();
        }
    }
}
