package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped vendor data: of the form that cloud-init reads from Nova, and a script that does what the page says. */
class GuestVendorDataTest {
    private static final Path SHIPPED = Path.of("../etc/guest-vendor-data.json");

    @TempDir
    Path guest;

    private static String script() throws IOException {
        JsonNode data = new ObjectMapper().readTree(SHIPPED.toFile());
        assertThat(data).as("nothing but what cloud-init takes").hasSize(1);
        return data.path("cloud-init").asText();
    }

    private Path program(String name) throws IOException {
        Path program = Files.writeString(
                Files.createDirectories(guest.resolve("bin")).resolve(name),
                "#!/bin/sh\necho \"${0##*/} $*\" >>" + guest.resolve("log") + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program;
    }

    private int run() throws IOException, InterruptedException {
        Files.createDirectories(guest.resolve("etc/udev/rules.d"));
        Path file = Files.writeString(guest.resolve("script"), script().replace("/etc/", guest.resolve("etc") + "/"));
        ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-eu", file.toString()).inheritIO();
        shell.environment().put("PATH", guest.resolve("bin") + ":" + guest.resolve("tools"));
        Files.createDirectories(guest.resolve("tools"));
        Files.copy(Path.of("/bin/cat"), guest.resolve("tools/cat"), StandardCopyOption.COPY_ATTRIBUTES);
        return shell.start().waitFor();
    }

    @Test
    void aGuestHasNoSchedulerOnItsVirtioDisksAndTrims() throws Exception {
        program("udevadm");
        program("systemctl");
        assertThat(script()).startsWith("#!/bin/sh\n");
        assertThat(run()).isZero();
        List<String> rules = Files.readAllLines(guest.resolve("etc/udev/rules.d/61-nova-bridge-guest.rules"));
        assertThat(rules.stream().filter(line -> !line.startsWith("#")))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).endsWith("ATTR{queue/scheduler}=\"none\""))
                .anySatisfy(line -> assertThat(line).contains("KERNEL==\"vd*\""));
        assertThat(Files.readAllLines(guest.resolve("log")))
                .containsExactly(
                        "udevadm control --reload",
                        "udevadm trigger --action=change --subsystem-match=block",
                        "systemctl enable --now fstrim.timer");
    }

    @Test
    void aGuestWithoutSystemdOnlyGetsTheRule() throws Exception {
        program("udevadm");
        assertThat(run()).isZero();
        assertThat(Files.readAllLines(guest.resolve("log"))).hasSize(2);
    }
}
