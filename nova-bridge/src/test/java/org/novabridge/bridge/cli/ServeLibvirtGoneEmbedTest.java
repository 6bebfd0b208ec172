package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real libvirtd that dies under the running bridge and comes back: nothing is lost, and nothing is left over. */
@Tag("embed")
class ServeLibvirtGoneEmbedTest extends ServedProgram {
    private static final String NAME = "instance-00000009";

    private void configure(PrivateLibvirtd libvirtd) throws IOException {
        configure(libvirtd.uri(), """
                cpu_mode = custom
                cpu_models = QEMU64
                [serial_console]
                enabled = true
                port_range = 27100:27110
                proxyclient_address = 127.83.11.9
                """);
    }

    @Test
    void libvirtDiesInTheMiddleOfACreateAndUnderARunningGuest() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root for a mount namespace");
        assumeTrue(Files.isExecutable(PrivateLibvirtd.PROGRAM), "libvirtd is not installed (libvirt-daemon)");
        try (PrivateLibvirtd libvirtd = new PrivateLibvirtd(folder.resolve("d"))) {
            configure(libvirtd);
            assertThat(serveAndExpectExit()).as("no libvirt at the start").isEqualTo(1);
            assertThat(log()).contains("libvirt cannot be reached at", "remedy: ", "connection_uri");

            libvirtd.start();
            start(libvirtd);
            CompletableFuture<Integer> create = CompletableFuture.supplyAsync(
                    () -> run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")));
            eventually(() -> Files.exists(libvirtd.definition(NAME)));
            libvirtd.kill();
            assertThat(create.get(60, TimeUnit.SECONDS)).as(log()).isEqualTo(1);
            assertThat(err.toString()).contains("libvirt", "remedy: ");
            assertThat(run("instance", "list")).isEqualTo(1);
            assertThat(err.toString()).contains("is away", "remedy: ", "goes on trying");

            libvirtd.start();
            eventually(() -> run("instance", "list") == 0 && out.toString().equals("no instances\n"));
            assertThat(libvirtd.definition(NAME)).doesNotExist();
            assertThat(guestFolders()).isEmpty();
            assertThat(qemus()).isEmpty();

            assertThat(run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")))
                    .as(err.toString())
                    .isZero();
            assertThat(Files.readString(libvirtd.definition(NAME))).contains("<model", ">qemu64</model>");
            try (Socket console = new Socket()) {
                console.connect(new InetSocketAddress("127.83.11.9", 27100), 5000);
            }
            libvirtd.kill();
            assertThat(run("instance", "reboot", "--hard", UUID)).isEqualTo(1);
            assertThat(err.toString()).contains("is away");
            assertThat(qemus()).as("the guest goes on").hasSize(1);
            libvirtd.start();
            eventually(() -> run("instance", "list") == 0 && out.toString().contains("running"));
            assertThat(run("instance", "reboot", "--hard", UUID))
                    .as(err.toString())
                    .isZero();
            assertThat(run("instance", "delete", UUID)).as(err.toString()).isZero();
            assertThat(answer("instance", "list")).isEqualTo("no instances\n");
            assertThat(guestFolders()).isEmpty();
            assertThat(qemus()).isEmpty();
        }
    }

    /** libvirtd needs a moment until it answers; a bridge that starts earlier ends. */
    private void start(PrivateLibvirtd libvirtd) throws IOException, InterruptedException {
        for (int i = 0; i < 60 && !answers(libvirtd); i++) {
            TimeUnit.MILLISECONDS.sleep(500);
        }
        start();
    }

    private static boolean answers(PrivateLibvirtd libvirtd) throws IOException, InterruptedException {
        return exit("virsh", "-q", "-c", libvirtd.uri(), "list") == 0;
    }

    private List<Path> guestFolders() throws IOException {
        try (Stream<Path> all = Files.list(folder.resolve("instances"))) {
            return all.filter(each -> each.getFileName().toString().startsWith(UUID))
                    .toList();
        }
    }

    private static List<ProcessHandle> qemus() {
        return ProcessHandle.allProcesses()
                .filter(each -> each.info().commandLine().orElse("").contains("guest=" + NAME + ","))
                .toList();
    }
}
