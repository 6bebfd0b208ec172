package org.novabridge.driver.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to children when the JVM that started them is killed with SIGKILL. */
class DeadBridgeTest {

    @TempDir
    Path folder;

    @Test
    void aWritingChildDiesWithTheBridge() throws Exception {
        ProcessHandle child = childOfKilledJvm("WRITES", true);
        assertThat(goneWithin(child, 5000)).isTrue();
    }

    @Test
    void aChildThatMustFinishOutlivesTheBridgeAndIsFoundByPidAndStartTime() throws Exception {
        List<String> announced = new ArrayList<>();
        ProcessHandle child = childOfKilledJvm("MUST_FINISH", true, announced);
        try {
            assertThat(goneWithin(child, 700)).isFalse();
            assertThat(HostProcess.of(child.pid()).startTime()).isEqualTo(Long.parseLong(announced.get(1)));
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void aChildAtTheGateDiesWithTheBridgeEvenWhenItMustFinish() throws Exception {
        ProcessHandle child = childOfKilledJvm("MUST_FINISH", false, new ArrayList<>(), "hold");
        assertThat(goneWithin(child, 5000)).isTrue();
    }

    private ProcessHandle childOfKilledJvm(String effect, boolean acting) throws Exception {
        return childOfKilledJvm(effect, acting, new ArrayList<>());
    }

    private ProcessHandle childOfKilledJvm(String effect, boolean acting, List<String> announced, String... more)
            throws Exception {
        List<String> line = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                effect,
                folder.resolve("run").toString()));
        line.addAll(List.of(more));
        Process jvm = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8))) {
            String text = out.readLine();
            while (!text.startsWith("child ")) {
                text = out.readLine();
            }
            String[] words = text.substring("child ".length()).split(" ");
            announced.addAll(List.of(words));
            long pid = Long.parseLong(words[0]);
            if (acting) {
                awaitProgram(pid, "sleep");
            }
            return ProcessHandle.of(pid).orElseThrow();
        } finally {
            jvm.destroyForcibly();
            assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void awaitProgram(long pid, String name) throws Exception {
        for (int i = 0; i < 500; i++) {
            if (Files.readString(Path.of("/proc/" + pid + "/comm")).strip().equals(name)) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("process " + pid + " never became " + name);
    }

    private static boolean goneWithin(ProcessHandle handle, long millis) throws InterruptedException {
        long until = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < until) {
            if (!handle.isAlive()) {
                return true;
            }
            Thread.sleep(20);
        }
        return !handle.isAlive();
    }
}
