package org.novabridge.driver.host.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Applied, booted, checked, undone, booted, equal to before: three boots of a machine of tools/lvm-lab that keeps its
 * /etc and the record of tuning. In each, the real systemd-modules-load, udev, sysctl and systemd-tmpfiles read what is there.
 */
@Tag("boot")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class HostTunerBootTest {
    /** The folders of /etc where files of ours belong are those of the last boot, as on a disk. */
    private static final String BOOT = """
            set -e
            kept=$1
            shift
            for each in udev sysctl.d tmpfiles.d modules-load.d; do
              if [ ! -d "$kept/$each" ]; then
                mkdir -p "/etc/$each"
                cp -a "/etc/$each" "$kept/$each"
              fi
              mkdir -p "/etc/$each"
              mount --bind "$kept/$each" "/etc/$each"
            done
            exec "$@"
            """;

    @TempDir
    Path folder;

    @Test
    void appliedBootedCheckedUndoneBootedTheHostIsAsBefore() throws Exception {
        Files.createDirectory(folder.resolve("etc"));
        for (String part : List.of("apply", "check", "after")) {
            boot(part);
        }
    }

    private void boot(String part) throws IOException, InterruptedException {
        Path said = folder.resolve(part + ".log");
        Process lab = new ProcessBuilder(command(part))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(lab.waitFor())
                .as("exit of the boot \"%s\": %s", part, Files.readString(said))
                .isZero();
    }

    private List<String> command(String part) {
        List<String> argv = new ArrayList<>(List.of(
                Path.of(System.getProperty("crash.lab", "")).toAbsolutePath().toString(),
                "run",
                "--mem",
                "2G",
                "--disks",
                "1",
                "--disk-size",
                "64M",
                "--timeout",
                "200",
                "--rw",
                folder.toString(),
                "--chdir",
                folder.toString(),
                "--",
                "bash",
                "-c",
                BOOT,
                "boot",
                folder.resolve("etc").toString(),
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:ArchiveRelocationMode=0",
                "-Xmx256m"));
        String archive = System.getProperty("crash.archive");
        if (archive != null) {
            argv.addAll(List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive));
        }
        argv.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), HostTunerBoot.class.getName(), part, folder.toString()));
        return argv;
    }
}
