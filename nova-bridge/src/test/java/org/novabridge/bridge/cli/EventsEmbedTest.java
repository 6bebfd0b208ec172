package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What somebody hears who follows a real bridge while a guest dies and the bridge is restarted, and what does not fit then. */
@Tag("embed")
class EventsEmbedTest extends ServedProgram {
    private static final String NOBODY = "6f70656e-7374-4163-8b00-00000000dead";

    private String heard() {
        try {
            return Files.readString(folder.resolve("heard"));
        } catch (IOException e) {
            return "";
        }
    }

    private Process listener() throws IOException {
        return new ProcessBuilder(program(System.getProperty("java.class.path"), "events", "--socket", at("b.sock")))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("heard").toFile())
                .start();
    }

    /** From outside, as the kernel does to a guest when the host has no memory left. */
    private void killGuest() {
        ProcessHandle.allProcesses()
                .filter(one -> one.info().commandLine().orElse("").contains("guest=instance-00000009"))
                .forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void whoFollowsHearsOfAGuestThatDiedAndOfARestart() throws Exception {
        configureEmbedded("images_type = qcow2");
        start();
        assertThat(run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")))
                .as(err.toString())
                .isZero();
        Process listener = listener();
        try {
            eventually(() -> heard().startsWith("TIME"));
            killGuest();
            eventually(() -> heard().contains("stopped"));
            assertThat(heard()).containsPattern("stopped +" + UUID).doesNotContain("reset");

            signal("TERM");
            assertThat(process().waitFor(60, TimeUnit.SECONDS)).isTrue();
            start();
            eventually(() -> heard().contains("reset"));

            assertThat(answer("reconcile", "--dry-run"))
                    .contains("compared: 1 records, 1 domains, 1 folders, 0 volumes", "everything fits");
            Path folderOfNobody = Files.createDirectory(folder.resolve("instances/" + NOBODY));
            assertThat(answer("reconcile")).contains("done in", "folder-without-instance  " + NOBODY);
            eventually(() -> heard().contains("leftovers"));
            assertThat(run("reconcile", "--remove", "root")).isEqualTo(3);
            assertThat(err.toString()).contains("nothing was removed: root: no volume group is configured");

            assertThat(run("instance", "delete", NOBODY)).as(err.toString()).isZero();
            assertThat(folderOfNobody).doesNotExist();
            assertThat(answer("reconcile", "--dry-run")).contains("everything fits");
            assertThat(run("instance", "delete", UUID)).as(err.toString()).isZero();
        } finally {
            listener.destroyForcibly();
        }
    }
}
