package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
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

/**
 * The program as a process of its own, in a folder of its own with an image and a spec, and the commands against it. What
 * it keeps lies in that folder too: not in the state of a bridge that serves this machine.
 */
abstract class ServedProgram {
    static final String UUID = "6f70656e-7374-4163-8b00-000000000009";

    Path folder = Path.of("");
    private @Nullable Process bridge;
    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();

    @BeforeEach
    final void prepare() throws IOException, InterruptedException {
        // Short, for the sockets, and to be searched by QEMU's user.
        folder = Files.createTempDirectory(Path.of("/var/tmp"), "nbs");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
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
    final void leaveNothing() throws IOException {
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

    /** Writes {@code c.conf}; {@code more} are lines of {@code [libvirt]} and whatever sections follow it. */
    final void configure(String connectionUri, String more) throws IOException {
        configure(folder, connectionUri, more);
    }

    /** The same for a bridge in a folder of its own. */
    static void configure(Path folder, String connectionUri, String more) throws IOException {
        Files.writeString(folder.resolve("c.conf"), """
                [DEFAULT]
                state_path = %1$s/nova
                instances_path = %1$s/instances
                [nova_bridge]
                state_path = %1$s/state
                socket = %1$s/b.sock
                [vnc]
                enabled = false
                [libvirt]
                connection_uri = %2$s
                virt_type = qemu
                %3$s
                """.formatted(folder, connectionUri, more));
    }

    /** As {@link #configure}, with libvirt in the bridge's own process. */
    final void configureEmbedded(String more) throws IOException {
        configureEmbedded(folder, more);
    }

    static void configureEmbedded(Path folder, String more) throws IOException {
        configure(folder, "qemu:///embed?root=" + folder + "/embed", "cpu_mode = none\n" + more);
    }

    final void start() throws IOException {
        Files.deleteIfExists(folder.resolve("log"));
        bridge = launch(folder);
        eventually(() -> log().contains("listening on " + folder.resolve("b.sock")));
    }

    final int serveAndExpectExit() throws IOException, InterruptedException {
        Process process = launch(folder);
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Starts the bridge of a folder. */
    static Process launch(Path folder) throws IOException {
        return new ProcessBuilder(program(
                        System.getProperty("java.class.path"),
                        "serve",
                        "--config-file",
                        folder.resolve("c.conf").toString()))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    /** The command line of the program as the launcher would write it. */
    static List<String> program(String classPath, String... args) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-Dlogback.configurationFile=" + Path.of("../etc/logback.xml").toAbsolutePath(),
                "-cp",
                classPath,
                NovaBridge.class.getName()));
        line.addAll(List.of(args));
        return line;
    }

    final Process process() {
        return Objects.requireNonNull(bridge);
    }

    final void signal(String name) throws IOException, InterruptedException {
        assertThat(exit("kill", "-" + name, Long.toString(process().pid()))).isZero();
    }

    static int exit(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    final String at(String file) {
        return folder.resolve(file).toString();
    }

    final String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return "";
        }
    }

    final String answer(String... args) {
        assertThat(run(args)).as(err.toString()).isZero();
        return out.toString();
    }

    final int run(String... args) {
        return run(folder, args);
    }

    /** What is typed to the bridge of a folder. */
    final int run(Path folder, String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> line = new ArrayList<>(List.of(args));
        line.addAll(List.of("--socket", folder.resolve("b.sock").toString()));
        return Typed.run(out, err, line);
    }

    final void eventually(BooleanSupplier condition) {
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
