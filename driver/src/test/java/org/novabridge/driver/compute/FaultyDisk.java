package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A device below LVM that can be made to fail: a table of device-mapper over a whole disk of the lab, which LVM itself is
 * told not to look at.
 */
final class FaultyDisk implements AutoCloseable {
    private static final Path LOCAL = Path.of("/etc/lvm/lvmlocal.conf");
    private static final String NAME = "lab-faulty";

    private final String disk;
    private final long sectors;

    /** What happens to it. */
    enum Fault {
        /** Nothing is read or written any more: the disk is gone. */
        ERROR("error"),
        /** Writes fail, reads do not: its spare sectors are used up, or its path is read-only. */
        ERROR_WRITES("flakey DISK 0 0 3600 1 error_writes"),
        /** Writes are said to be done and are not. */
        DROP_WRITES("flakey DISK 0 0 3600 1 drop_writes");

        private final String target;

        Fault(String target) {
            this.target = target;
        }
    }

    FaultyDisk() throws IOException, InterruptedException {
        disk = Objects.requireNonNull(System.getenv("LAB_DISKS"), "run by tools/lvm-lab-tests")
                .split(" ")[0];
        sectors = Long.parseLong(run("blockdev", "--getsz", disk).strip());
        Files.writeString(LOCAL, "devices {\n global_filter = [ \"r|^" + disk + "$|\" ]\n}\n");
        run("dmsetup", "create", NAME, "--table", table("linear DISK 0"));
        run("udevadm", "settle");
    }

    String device() {
        return "/dev/mapper/" + NAME;
    }

    private String table(String target) {
        return "0 " + sectors + " " + target.replace("DISK", disk);
    }

    void becomes(Fault fault) throws IOException, InterruptedException {
        load(fault.target);
    }

    /** What was not written stays unwritten. */
    void isMended() throws IOException, InterruptedException {
        load("linear DISK 0");
    }

    private void load(String target) throws IOException, InterruptedException {
        run("dmsetup", "suspend", "--nolockfs", "--noflush", NAME);
        run("dmsetup", "load", NAME, "--table", table(target));
        run("dmsetup", "resume", NAME);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        run("dmsetup", "remove", "--retry", NAME);
        Files.deleteIfExists(LOCAL);
        run("wipefs", "--all", "--force", "--quiet", disk);
    }

    static String run(String... argv) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(argv)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("failed: " + List.of(argv));
        }
        return out;
    }
}
