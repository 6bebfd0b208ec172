package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.model.ErrorCode;

/**
 * The disk below LVM fails in the middle of making or removing an instance's disks: the operation ends with an error
 * that says where, no device stays suspended, and when the disk is well again the next bridge brings everything to its
 * end, with the disk of another instance as it was. One case of each; with {@code -Dcrash.all=true} all of them.
 */
@Tag("lab")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class FaultDiskLabTest extends CrashVolumesHost {
    private static final boolean ALL = Boolean.getBoolean("crash.all");
    private static final Duration LONG = Duration.ofMinutes(2);

    private FaultyDisk disk;

    /** @param program at whose first run, from then on, the disk fails */
    private record Case(String backend, boolean making, FaultyDisk.Fault fault, String program) {}

    private static Stream<Case> cases() {
        List<Case> all = new ArrayList<>();
        all.add(new Case("lvm", false, FaultyDisk.Fault.ERROR_WRITES, "blkdiscard"));
        all.add(new Case("thin", true, FaultyDisk.Fault.ERROR, "lvcreate"));
        if (ALL) {
            all.add(new Case("lvm", true, FaultyDisk.Fault.ERROR_WRITES, "lvcreate"));
            all.add(new Case("lvm", true, FaultyDisk.Fault.ERROR, "qemu-img convert"));
            all.add(new Case("lvm", false, FaultyDisk.Fault.ERROR, "lvrename"));
            all.add(new Case("lvm", false, FaultyDisk.Fault.ERROR_WRITES, "lvremove"));
            all.add(new Case("thin", true, FaultyDisk.Fault.ERROR, "lvextend"));
            all.add(new Case("thin", false, FaultyDisk.Fault.ERROR_WRITES, "lvremove"));
        }
        return all.stream();
    }

    @BeforeEach
    void makeDisk() throws Exception {
        disk = new FaultyDisk();
    }

    @Override
    @AfterEach
    void remove() throws Exception {
        disk.isMended();
        super.remove();
        disk.close();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itEndsClearlyAndIsSettledWhenTheDiskIsWell(Case one) throws Exception {
        EmbedBridge bridge = host(6, List.of(disk.device()), one.backend());
        ConfigHolder config = bridge.load();
        String uuid = UUID.randomUUID().toString();
        Breaking breaking = new Breaking(one);
        long begin = System.nanoTime();
        try (ComputeDriver driver = ComputeDriver.open(
                config,
                Clock.systemUTC(),
                new ComputeDriver.Wiring(CrashPoint.NONE, hypervisor -> hypervisor, breaking::before))) {
            CrashInstance instance = new CrashInstance(bridge, config, uuid, driver);
            if (!one.making()) {
                assertThat(instance.make(false).state()).isEqualTo(Operation.State.DONE);
                instance.write();
            }
            breaking.armed = true;
            Operation ended = one.making() ? instance.make(false) : instance.remove(false);
            breaking.armed = false;
            assertThat(breaking.broken).as("%s has run", one.program()).isTrue();
            assertThat(ended.state()).as("%s", ended).isEqualTo(Operation.State.FAILED);
            Problem problem = Objects.requireNonNull(ended.problem());
            System.out.println("  " + one + " after " + seconds(begin) + " s: " + problem);
            assertThat(problem.code())
                    .isIn(
                            ErrorCode.STORAGE_FAILED,
                            ErrorCode.VOLUME_GROUP_UNUSABLE,
                            ErrorCode.VOLUMES_NOT_REMOVED,
                            // LVM's own words for a pool that has just failed.
                            ErrorCode.STORAGE_FULL);
            assertThat(problem.detail()).contains(GROUP);
        }
        assertThat(suspended()).isEmpty();

        disk.isMended();
        if (one.backend().equals("thin") && one.fault() == FaultyDisk.Fault.ERROR) {
            repair();
        }
        settles(bridge, config, uuid, !one.making());
        System.out.println("disk fault: " + one + " took " + seconds(begin) + " s");
    }

    /** @param removing the instance is there still, as far as the bridge knows */
    private static void settles(EmbedBridge bridge, ConfigHolder config, String uuid, boolean removing)
            throws Exception {
        try (ComputeDriver driver = ComputeDriver.open(config, Clock.systemUTC())) {
            CrashInstance instance = new CrashInstance(bridge, config, uuid, driver);
            Instant end = Instant.now().plus(LONG);
            Thread.sleep(1500); // the lease of the operation
            while (instance.busy() && Instant.now().isBefore(end)) {
                Thread.sleep(50);
            }
            if (removing) {
                Operation again = instance.remove(false);
                assertThat(again.state()).as("%s", again).isEqualTo(Operation.State.DONE);
            }
            assertThat(instance.left()).isEmpty();
            assertThat(instance.make(false).state()).isEqualTo(Operation.State.DONE);
            assertThat(instance.remove(false).state()).isEqualTo(Operation.State.DONE);
            assertThat(instance.left()).isEmpty();
        }
    }

    /**
     * The disk says that it has written, and has not; LVM takes its word, and so do we. When the host comes back, the
     * volumes that were said to be made are not there, and that is in nobody's way.
     */
    @Test
    void whatADiskOnlySaidToWriteIsInNobodysWayAfterARestartOfTheHost() throws Exception {
        EmbedBridge bridge = host(6, List.of(disk.device()), "lvm");
        ConfigHolder config = bridge.load();
        String uuid = UUID.randomUUID().toString();
        Breaking breaking = new Breaking(new Case("lvm", true, FaultyDisk.Fault.DROP_WRITES, "lvcreate"));
        long begin = System.nanoTime();
        boolean made;
        try (ComputeDriver driver = ComputeDriver.open(
                config,
                Clock.systemUTC(),
                new ComputeDriver.Wiring(CrashPoint.NONE, hypervisor -> hypervisor, breaking::before))) {
            breaking.armed = true;
            Operation ended = new CrashInstance(bridge, config, uuid, driver).make(false);
            System.out.println("  a lying disk: " + ended.state() + " " + ended.problem());
            made = ended.state() == Operation.State.DONE;
        }
        assertThat(suspended()).isEmpty();
        assertThat(FaultyDisk.run("lvs", "--noheadings", "-o", "lv_name", GROUP))
                .doesNotContain(uuid);

        disk.isMended();
        FaultyDisk.run("sh", "-e", "-c", """
            for device in $(dmsetup ls | cut -f1 | grep '%s'); do dmsetup remove --retry "$device"; done
            """.formatted(uuid.replace("-", "--")));
        settles(bridge, config, uuid, made);
        System.out.println("disk fault: a lying disk took " + seconds(begin) + " s");
    }

    private static long seconds(long since) {
        return (System.nanoTime() - since) / 1_000_000_000;
    }

    /** What the error says is to be done: a pool whose metadata could not be written is off until it is checked. */
    private static void repair() throws Exception {
        FaultyDisk.run("vgchange", "--activate", "n", GROUP);
        FaultyDisk.run("lvconvert", "--yes", "--repair", GROUP + "/" + GROUP + "-pool");
        FaultyDisk.run("vgchange", "--activate", "y", GROUP);
        FaultyDisk.run(
                "sh",
                "-c",
                "lvremove --yes $(lvs --noheadings -o vg_name,lv_name --separator / " + GROUP
                        + " | grep _meta) || true");
    }

    private static List<String> suspended() throws Exception {
        return FaultyDisk.run(
                        "dmsetup", "info", "--columns", "--noheadings", "--separator", " ", "-o", "suspended,name")
                .lines()
                .filter(line -> line.startsWith("Suspended"))
                .toList();
    }

    /** Breaks the disk before the program's first run. */
    private final class Breaking {
        private final Case one;
        private volatile boolean armed;
        private volatile boolean broken;

        private Breaking(Case one) {
            this.one = one;
        }

        CommandExecutor before(CommandExecutor next) {
            return command -> run(command, next);
        }

        private CommandResult run(Command command, CommandExecutor next) {
            String line = command.program() + " " + String.join(" ", command.arguments());
            if (armed && !broken && line.startsWith(one.program())) {
                broken = true;
                try {
                    disk.becomes(one.fault());
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
            return next.run(command);
        }
    }
}
