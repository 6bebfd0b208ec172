package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the scripts of the labs begin they end, and they end nothing else. The labs themselves are played here. */
@Tag("tools")
class LabScriptsToolsTest {
    private static final Path TOOLS = Path.of("../tools").toAbsolutePath();

    @TempDir
    Path house;

    /** A signal to the script alone, which its jobs do not get. */
    @Test
    void noLabOutlivesTheScriptThatHasBegunIt() throws Exception {
        Path tools = Files.createDirectories(house.resolve("tools"));
        Files.createDirectories(house.resolve("driver/target"));
        Files.writeString(house.resolve("driver/target/lab.classpath"), "");
        Files.copy(TOOLS.resolve("lvm-lab-tests"), tools.resolve("lvm-lab-tests"), StandardCopyOption.COPY_ATTRIBUTES);
        // As the real one it ends its machine behind the signal, and says something meanwhile.
        script(
                tools.resolve("lvm-lab"),
                "trap 'sleep 0.5; echo ends; echo ended >>\"" + house + "/ended\"; exit 143' TERM",
                "echo begun >>\"" + house + "/begun\"",
                "while :; do sleep 0.1; done");
        Process tests = begin(
                List.of(tools.resolve("lvm-lab-tests").toString(), "--built", "--suite", "thin", "--suite", "others"));
        await(() -> lines("begun") == 2);
        tests.destroy();
        assertThat(tests.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(tests.exitValue()).isEqualTo(143);
        assertThat(lines("ended")).isEqualTo(2);
    }

    @Test
    void aDaemonIsEndedWithItsWorkers() throws Exception {
        script(house.resolve("daemon"), "sleep 1000 &", "echo $! >'" + house + "/worker'", "exec sleep 1001");
        daemons("start one root '" + house.resolve("daemon") + "'; alive one");
        await(() -> lines("worker") == 1);
        long worker = Long.parseLong(Files.readString(house.resolve("worker")).strip());
        assertThat(ProcessHandle.of(worker)).isPresent();
        daemons("stop one; ! alive one");
        await(() -> ended(worker));
    }

    /** The file that names a daemon outlives a boot, and then its number is somebody else's. */
    @Test
    void whoHasTheNumberOfADaemonThatIsGoneIsLeftAlone() throws Exception {
        Process stranger =
                begin(List.of("setsid", "--wait", "sh", "-c", "echo $$ >'" + house + "/stranger'; sleep 1000"));
        try {
            await(() -> lines("stranger") == 1);
            String number = Files.readString(house.resolve("stranger")).strip();
            String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"));
            String since = Files.readString(Path.of("/proc/" + number + "/stat"))
                    .replaceFirst("^.*\\) ", "")
                    .split(" ")[19];
            for (String known :
                    List.of(number + " 1 " + boot, number + " 1\n", number + " " + since + " another-boot\n")) {
                Files.writeString(house.resolve("one.pid"), known);
                daemons("! alive one && stop one");
                assertThat(house.resolve("one.pid")).doesNotExist();
                assertThat(ended(Long.parseLong(number))).as(known).isFalse();
            }
        } finally {
            stranger.descendants().forEach(ProcessHandle::destroyForcibly);
            stranger.destroyForcibly();
        }
    }

    private void daemons(String words) throws Exception {
        Process bash = begin(List.of(
                "bash",
                "-c",
                "run='" + house + "' log='" + house + "'; die() { echo \"$*\" >&2; exit 1; }; . '" + TOOLS
                        + "/lib/openstack-lab/daemons.sh'; " + words));
        assertThat(bash.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(bash.exitValue()).as(words).isZero();
    }

    private static Process begin(List<String> words) throws IOException {
        return new ProcessBuilder(words).inheritIO().start();
    }

    private static void script(Path file, String... lines) throws IOException {
        Files.writeString(file, "#!/bin/bash\n" + String.join("\n", lines) + "\n", StandardCharsets.UTF_8);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    /** Gone, or not reaped yet. */
    private static boolean ended(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (IOException e) {
            return true;
        }
    }

    private int lines(String file) {
        try {
            return Files.readAllLines(house.resolve(file)).size();
        } catch (IOException e) {
            return 0;
        }
    }

    private interface Look {
        boolean seen();
    }

    private static void await(Look look) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!look.seen()) {
            if (System.nanoTime() > end) {
                fail("it was not seen in 20 seconds");
            }
            Thread.sleep(20);
        }
    }
}
