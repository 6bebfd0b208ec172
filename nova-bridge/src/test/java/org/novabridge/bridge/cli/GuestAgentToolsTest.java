package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Debian's qemu-guest-agent in a real guest ({@code tools/guest-image --agent}), asked by the program. */
@Tag("tools")
@Timeout(400)
class GuestAgentToolsTest extends ServedProgram {
    private static final Path IMAGE =
            Path.of("../.build/guest-agent.qcow2").toAbsolutePath().normalize();
    private static final String SECRET = "geheim-wort-2";

    /** How often the guest has said what, which tells that something is said anew. */
    private long said(String what) {
        run("instance", "console", UUID);
        return out.toString()
                .lines()
                .filter(line -> line.contains("NOVA-BRIDGE-GUEST " + what))
                .count();
    }

    private void saysAnew(String what, long before) {
        eventually(() -> said(what) > before);
    }

    private void freezes() {
        long frozen = said("frozen");
        assertThat(answer("instance", "quiesce", UUID)).contains("1 file systems are frozen, at most for 10 s");
        saysAnew("frozen", frozen);
    }

    private String lastHash() {
        run("instance", "console", UUID);
        List<String> shadows = out.toString()
                .lines()
                .filter(line -> line.contains("NOVA-BRIDGE-GUEST shadow root:$6$"))
                .toList();
        return shadows.isEmpty() ? "" : shadows.get(shadows.size() - 1).split(":", -1)[1];
    }

    @Test
    void aPasswordIsSetAndAFrozenGuestDoesNotStayFrozen() throws Exception {
        if (!Files.exists(IMAGE)) {
            assertThat(exit("../tools/guest-image", "--agent", IMAGE.toString()))
                    .as("tools/guest-image --agent, which downloads two packages of Debian's")
                    .isZero();
        }
        configureEmbedded("[nova_bridge]\nquiesce_timeout = 10\n");
        Path spec = folder.resolve("spec.json");
        Files.writeString(
                spec,
                Files.readString(spec)
                        .replace("\"memory_mb\": 64", "\"memory_mb\": 192")
                        .replace("\"ephemeral_gb\": 0", "\"ephemeral_gb\": 1")
                        .replace("\"properties\": {}", "\"properties\": {\"hw_qemu_guest_agent\": \"yes\"}")
                        .replaceAll("\"size\": [0-9]+", "\"size\": " + Files.size(IMAGE)));
        start();
        answer("instance", "create", "--spec", at("spec.json"), "--image", IMAGE.toString());
        saysAnew("writes", 0);

        Path password = Files.writeString(folder.resolve("password"), SECRET + "\n");
        eventually(() -> run("instance", "set-password", UUID, "--file", password.toString()) == 0);
        assertThat(out.toString()).contains("the password of root is set");
        Files.delete(password);
        eventually(() -> !lastHash().isEmpty());
        assertThat(lastHash()).isEqualTo(hash(lastHash().split("\\$", -1)[2]));

        long writes = said("writes");
        freezes();
        assertThat(run("instance", "quiesce", UUID)).as("twice at a time").isEqualTo(3);
        assertThat(answer("instance", "unquiesce", UUID)).doesNotContain("any more");
        saysAnew("writes", writes);

        freezes();
        saysAnew("writes", writes + 1);
        assertThat(answer("instance", "unquiesce", UUID)).contains("they were not frozen any more");

        freezes();
        signal("KILL");
        process().waitFor();
        start();
        saysAnew("writes", writes + 2);

        freezes();
        answer("instance", "pause", UUID);
        answer("instance", "unpause", UUID);
        saysAnew("writes", writes + 3);

        answer("instance", "crash-dump", UUID);
        eventually(() -> answer("instance", "console", UUID).contains("NMI received"));
        nothingHasThePassword();
        answer("instance", "delete", UUID);
    }

    private String hash(String salt) throws IOException, InterruptedException {
        Process crypt = new ProcessBuilder("busybox", "mkpasswd", "-m", "sha512", "-P", "0", "-S", salt).start();
        crypt.getOutputStream().write(SECRET.getBytes(StandardCharsets.UTF_8));
        crypt.getOutputStream().close();
        String hash = new String(crypt.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(crypt.waitFor()).isZero();
        return hash;
    }

    /** State, log of the service, logs of libvirt and QEMU. */
    private void nothingHasThePassword() throws IOException {
        try (Stream<Path> files = Stream.concat(
                Stream.of(folder.resolve("log")),
                Stream.concat(Files.walk(folder.resolve("state")), Files.walk(folder.resolve("embed"))))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain(SECRET)
                        .doesNotContain("Z2VoZWlt");
            }
        }
    }
}
