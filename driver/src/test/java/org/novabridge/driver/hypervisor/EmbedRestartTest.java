package org.novabridge.driver.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guests outlive the bridge's process and the next one finds them. */
@Tag("embed")
@Timeout(120)
class EmbedRestartTest {

    @Test
    void aGuestOutlivesTheProcessThatStartedItAndIsFoundByTheNext() throws Exception {
        Path root = EmbedLab.newRoot();
        try {
            String uuid = EmbedLab.newUuid();
            List<String> first = run("start", root, uuid);
            assertThat(first).hasSize(1);
            assertThat(first.get(0)).startsWith("guest RUNNING 1 ");
            long qemu = Long.parseLong(first.get(0).substring(first.get(0).lastIndexOf(' ') + 1));
            assertThat(ProcessHandle.of(qemu)).isPresent();

            List<String> second = run("take-over", root, uuid);
            assertThat(second).containsExactly(first.get(0), "left false");
            assertThat(ProcessHandle.of(qemu)).isEmpty();
            assertThat(root.resolve("etc/qemu").toFile().list((dir, name) -> name.endsWith(".xml")))
                    .isEmpty();
        } finally {
            EmbedLab.delete(root);
        }
    }

    private static List<String> run(String mode, Path root, String uuid) throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        // The umask of the service: what libvirt makes must still be open to QEMU's user.
        List<String> argv = new ArrayList<>(List.of(
                "/bin/sh",
                "-c",
                "umask 0077; exec \"$@\"",
                "sh",
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                classPath,
                EmbedRestart.class.getName(),
                mode,
                root.toString(),
                uuid));
        Process process = new ProcessBuilder(argv)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(out).isZero();
        return out.lines()
                .filter(line -> line.startsWith("guest ") || line.startsWith("left "))
                .toList();
    }
}
