package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.compute.FaultyExecutor.Fault;
import org.novabridge.driver.exec.Command;

/**
 * Each command in turn goes wrong while disks are made and removed on real logical volumes: what was begun is taken
 * back or brought to its end, the disk of another instance is as it was, and the next attempt works. Each kind of
 * command with one fault; with {@code -Dcrash.all=true} every command with every fault.
 */
@Tag("lab")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class FaultLabTest extends CrashVolumesHost {
    private static final boolean ALL = Boolean.getBoolean("crash.all");

    @ParameterizedTest
    @CsvSource({"lvm, true", "lvm, false", "thin, true", "thin, false"})
    void nothingIsLeftWhicheverCommandFails(String backend, boolean making) throws Exception {
        EmbedBridge bridge = host(6, backend.equals("thin") ? new String[] {"images_lvm_type = thin"} : new String[0]);
        try (Run run = new Run(bridge)) {
            List<Command> commands = run.attempt(making, 0, Fault.REFUSES);
            List<String> wrong = new ArrayList<>();
            int tried = 0;
            for (int place : places(commands)) {
                for (Fault fault : faults(commands.get(place - 1), tried)) {
                    tried++;
                    String what = fault + " " + commands.get(place - 1);
                    run.attempt(making, place, fault);
                    run.wrong().forEach(each -> wrong.add(each + " (" + what + ")"));
                }
            }
            System.out.println("fault: " + backend + (making ? " prepare: " : " release: ") + tried + " faults of "
                    + commands.size() + " commands");
            assertThat(commands).hasSizeGreaterThan(making ? 8 : 4);
            assertThat(wrong).isEmpty();
        }
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

    private static List<Fault> faults(Command command, int turn) {
        List<Fault> suiting = List.of(Fault.values()).stream()
                .filter(fault -> fault.suits(command))
                .toList();
        return ALL ? suiting : List.of(suiting.get(turn % suiting.size()));
    }

    /** A driver whose commands can go wrong. */
    private static final class Run implements AutoCloseable {
        private static final Duration LONG = Duration.ofMinutes(2);

        private final ComputeDriver driver;
        private final CrashInstance instance;
        private final FaultyExecutor commands = new FaultyExecutor();
        private final List<String> wrong = new ArrayList<>();

        Run(EmbedBridge bridge) {
            ConfigHolder config = bridge.load();
            this.driver = ComputeDriver.open(
                    config,
                    Clock.systemUTC(),
                    new ComputeDriver.Wiring(CrashPoint.NONE, hypervisor -> hypervisor, commands::before));
            this.instance = new CrashInstance(bridge, config, UUID.randomUUID().toString(), driver);
        }

        /** Makes and removes an instance; gives the commands of the part that was to go wrong. */
        List<Command> attempt(boolean making, int place, Fault fault) throws Exception {
            if (making) {
                instance.removeBases();
                commands.arm(place, fault);
            }
            Operation made = instance.make(false);
            List<Command> ran = making ? commands.disarm() : List.of();
            expect(place > 0 || made.state() == Operation.State.DONE, "the making is " + made);
            if (made.state() == Operation.State.DONE) {
                if (!making) {
                    instance.write();
                    commands.arm(place, fault);
                }
                Operation removed = instance.remove(false);
                ran = making ? ran : commands.disarm();
                if (removed.state() != Operation.State.DONE) {
                    expect(!making && place > 0, "the removal is " + removed);
                    Operation again = instance.remove(false);
                    expect(again.state() == Operation.State.DONE, "the removal is, again, " + again);
                }
            }
            settle();
            return ran;
        }

        private void settle() throws Exception {
            Instant end = Instant.now().plus(LONG);
            while (instance.busy() && Instant.now().isBefore(end)) {
                Thread.sleep(20);
            }
            instance.left().forEach(each -> wrong.add(each + " is left"));
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
            driver.close();
        }
    }
}
