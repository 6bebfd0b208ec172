package org.novabridge.driver.compute;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A machine of tools/lvm-lab whose power is cut: what its page cache held is gone, what was flushed stays. The folder
 * of the host of the crash run lies on its last disk, the volume group on the others.
 */
final class CrashPower {
    /** Set in a process that dies with its machine. */
    static final String PROPERTY = "crash.power";

    private static final int DISKS = 4;

    /** What a boot does, as far as the bridge is concerned: mount its folder, activate volumes. */
    private static final String BOOT = """
            set -e
            folder=$1 disk=$2
            shift 2
            blkid -p "$disk" >/dev/null || mkfs.ext4 -q "$disk"
            mount "$disk" "$folder"
            vgchange --quiet -aay >/dev/null 2>&1
            exec "$@"
            """;

    private final Path lab;
    private final Path disks;
    private final Path shared;

    /**
     * @param lab tools/lvm-lab
     * @param disks where the disks are kept between boots
     * @param shared a folder that machine and host share
     */
    CrashPower(Path lab, Path disks, Path shared) {
        this.lab = lab;
        this.disks = disks;
        this.shared = shared;
    }

    /**
     * The command that boots the machine and runs the command in it.
     *
     * @param command of a Java process
     */
    List<String> boot(Path folder, List<String> command) {
        List<String> argv = new ArrayList<>(List.of(
                lab.toString(),
                "run",
                "--state",
                disks.toString(),
                "--mem",
                "2G",
                "--disks",
                Integer.toString(DISKS),
                "--disk-size",
                "1G",
                "--timeout",
                "400",
                "--rw",
                shared.toString(),
                "--chdir",
                shared.toString(),
                "--",
                "sh",
                "-c",
                BOOT,
                "boot",
                folder.toString(),
                "/dev/lab/disk" + (DISKS - 1)));
        argv.add(command.get(0));
        argv.add("-D" + PROPERTY + "=true");
        argv.addAll(command.subList(1, command.size()));
        return argv;
    }

    /** For the volume group: all but the last. */
    static List<String> groupDisks() {
        List<String> disks = CrashVolumesHost.disks();
        return disks.subList(0, disks.size() - 1);
    }

    /** Inside the machine: does not come back. */
    static void cut() {
        String out = Objects.requireNonNull(System.getenv("LAB_OUT"), "no machine of tools/lvm-lab");
        try {
            Files.createFile(Path.of(out, "power-cut"));
            Thread.sleep(60_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
