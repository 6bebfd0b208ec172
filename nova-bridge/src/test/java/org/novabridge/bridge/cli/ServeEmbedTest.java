package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The program as an operator runs it: {@code serve} as a process of its own, real libvirt and QEMU, the commands. */
@Tag("embed")
class ServeEmbedTest {
    private static final String UUID = "6f70656e-7374-4163-8b00-000000000009";

    private Path folder = Path.of("");
    private @Nullable Process bridge;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void prepare() throws IOException, InterruptedException {
        // Short, for the sockets, and to be searched by QEMU's user.
        folder = Files.createTempDirectory(Path.of("/var/tmp"), "nbs");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        configure("none", "qcow2");
        assertThat(exit(
                        "qemu-img",
                        "create",
                        "-q",
                        "-f",
                        "qcow2",
                        folder.resolve("i.qcow2").toString(),
                        "1M"))
                .isZero();
        Files.writeString(folder.resolve("spec.json"), """
                {"instance": {"uuid": "%s", "name": "instance-00000009", "display_name": "x", "project_id": "p",
                  "user_id": "u", "vcpus": 1, "memory_mb": 64, "root_gb": 1, "ephemeral_gb": 0,
                  "flavor": {"name": "f", "vcpus": 1, "memory_mb": 64, "root_gb": 1, "ephemeral_gb": 0, "swap": 0,
                             "extra_specs": {}},
                  "image_ref": "155d900f-4e14-4e4c-a73d-069cbf4541e9", "os_type": "linux", "config_drive": "",
                  "metadata": {}, "system_metadata": {}},
                 "image_meta": {"id": "155d900f-4e14-4e4c-a73d-069cbf4541e9", "name": "i", "disk_format": "qcow2",
                  "container_format": "bare", "size": %d, "min_disk": 0, "min_ram": 0, "properties": {}},
                 "block_device_info": null, "network_info": [], "power_on": true}
                """.formatted(UUID, Files.size(folder.resolve("i.qcow2"))));
    }

    @AfterEach
    void leaveNothing() throws IOException {
        Process process = bridge;
        if (process != null) {
            process.destroyForcibly();
        }
        ProcessHandle.allProcesses()
                .filter(one -> !one.equals(ProcessHandle.current()))
                .filter(one -> one.info().commandLine().orElse("").contains(folder + "/"))
                .forEach(ProcessHandle::destroyForcibly);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Test
    void aGuestGetsItsNewCacheModeByReloadAndHardRebootAndOutlivesTheBridge() throws Exception {
        start();
        assertThat(run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")))
                .as(err.toString())
                .isZero();
        assertThat(answer("instance", "list")).contains(UUID, "operator", "running");
        assertThat(answer("instance", "disks", UUID)).containsPattern("disk +root +vda +virtio +none ");
        assertThat(answer("instance", "explain", "--disk", "vda", "--attribute", "cache", UUID))
                .contains("CacheModeRule", "[libvirt]disk_cachemodes", "c.conf:");

        configure("writeback", "qcow2");
        signal("HUP");
        eventually(() -> answer("instance", "show", UUID).contains("CONFIGURED"));
        assertThat(out.toString()).containsPattern("vda +cache +none +writeback");
        assertThat(answer("instance", "disks", UUID)).containsPattern("virtio +none ");
        assertThat(answer("instance", "explain", "--disk", "vda", "--attribute", "cache", UUID))
                .containsPattern("vda +cache +writeback +none +CacheModeRule");
        assertThat(run("instance", "reboot", "--hard", UUID)).as(err.toString()).isZero();
        assertThat(answer("instance", "disks", UUID)).containsPattern("virtio +writeback ");
        assertThat(answer("instance", "show", UUID)).contains("as the configuration wants them");

        configure("nonsense", "no-such-type");
        signal("HUP");
        eventually(() -> log().contains("the configuration was not taken"));
        assertThat(answer("instance", "list")).contains("running");

        configure("writeback", "qcow2");
        assertThat(serveAndExpectExit())
                .as("a second bridge on the same state path")
                .isEqualTo(3);
        assertThat(log()).contains("is in use by another bridge");

        signal("TERM");
        assertThat(process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process().exitValue()).isZero();
        assertThat(folder.resolve("b.sock")).doesNotExist();

        start();
        assertThat(answer("instance", "list")).as("the guest went on").contains(UUID, "running");
        assertThat(run("instance", "delete", UUID)).as(err.toString()).isZero();
        assertThat(answer("instance", "list")).isEqualTo("no instances\n");
        assertThat(run("instance", "show", UUID)).isEqualTo(1);
        assertThat(err.toString()).contains("there is no instance " + UUID, "remedy: ", "instance list");
        assertThat(folder.resolve("instances/" + UUID)).doesNotExist();
    }

    @Test
    void whatCannotBeServedIsRefused() throws Exception {
        configure("none", "rbd");
        assertThat(serveAndExpectExit()).isEqualTo(3);
        assertThat(log()).contains("rbd");
        configure("none", "no-such-type");
        assertThat(serveAndExpectExit()).isEqualTo(3);
        assertThat(log()).contains("c.conf:", "images_type");
        assertThat(folder.resolve("b.sock")).doesNotExist();
    }

    private void configure(String cache, String imagesType) throws IOException {
        Files.writeString(folder.resolve("c.conf"), """
                [DEFAULT]
                state_path = %1$s/state
                instances_path = %1$s/instances
                [libvirt]
                connection_uri = qemu:///embed?root=%1$s/embed
                virt_type = qemu
                cpu_mode = none
                disk_cachemodes = file=%2$s
                images_type = %3$s
                [vnc]
                enabled = false
                [nova_bridge]
                socket = %1$s/b.sock
                """.formatted(folder, cache, imagesType));
    }

    private void start() throws IOException {
        Files.deleteIfExists(folder.resolve("log"));
        bridge = launch();
        eventually(() -> log().contains("listening on " + folder.resolve("b.sock")));
    }

    private int serveAndExpectExit() throws IOException, InterruptedException {
        Process process = launch();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dlogback.configurationFile="
                                + Path.of("../etc/logback.xml").toAbsolutePath(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        NovaBridge.class.getName(),
                        "serve",
                        "--config-file",
                        at("c.conf"))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    private Process process() {
        return Objects.requireNonNull(bridge);
    }

    private void signal(String name) throws IOException, InterruptedException {
        assertThat(exit("kill", "-" + name, Long.toString(process().pid()))).isZero();
    }

    private static int exit(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private String at(String file) {
        return folder.resolve(file).toString();
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return "";
        }
    }

    private String answer(String... args) {
        assertThat(run(args)).as(err.toString()).isZero();
        return out.toString();
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> line = new ArrayList<>(List.of(args));
        line.addAll(List.of("--socket", at("b.sock")));
        return NovaBridge.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(line.toArray(String[]::new));
    }

    private void eventually(BooleanSupplier condition) {
        Instant end = Instant.now().plus(Duration.ofSeconds(90));
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(end)) {
                fail("it did not come; the log: " + log());
            }
            try {
                TimeUnit.MILLISECONDS.sleep(300);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
