package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A guest goes to another host through a real ssh and sshd, with keys and known hosts of their own. Only the network is
 * this machine's own, and the user is root: this machine need not have a user nova.
 */
@Tag("embed")
class MigrateThroughSshTest extends TwoHosts {
    private static final Path SSHD = Path.of("/usr/sbin/sshd");

    private @Nullable Process sshd;
    private @Nullable Process other;
    private int port;

    @BeforeEach
    void startSshd() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        for (String key : new String[] {"host-key", "user-key", "stranger-key"}) {
            assertThat(exit("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at(key)))
                    .isZero();
        }
        Files.copy(folder.resolve("user-key.pub"), folder.resolve("authorized"));
        know("host-key");
        Path commands = Files.createDirectory(folder.resolve("bin"));
        Path bridge = Files.writeString(commands.resolve("nova-bridge"), """
                #!/bin/sh
                exec %s "$@" --socket %s/b.sock
                """.formatted(quotedProgram(), there()));
        Files.setPosixFilePermissions(bridge, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path config = Files.writeString(folder.resolve("sshd_config"), """
                Port %1$d
                ListenAddress 127.0.0.1
                HostKey %2$s/host-key
                AuthorizedKeysFile %2$s/authorized
                StrictModes no
                PasswordAuthentication no
                PidFile none
                SetEnv PATH=%2$s/bin:/usr/bin:/bin
                """.formatted(port, folder));
        // Where sshd goes when it gives up its rights; a package's start makes it.
        Files.createDirectories(Path.of("/run/sshd"));
        sshd = new ProcessBuilder(SSHD.toString(), "-D", "-e", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("sshd.log").toFile())
                .start();
        eventually(this::answers);
    }

    private boolean answers() {
        try (Socket unused = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void endAll() {
        for (Process process : new Process[] {other, sshd}) {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    /** Writes down which key the other host is known by. */
    private void know(String key) throws IOException {
        String[] words = Files.readString(folder.resolve(key + ".pub")).split(" ");
        Files.writeString(folder.resolve("known"), "other.example.org " + words[0] + " " + words[1] + "\n");
    }

    private void startBoth() throws IOException {
        configureEmbedded("images_type = raw\n[DEFAULT]\nshutdown_timeout = 1\n[nova_bridge]\ntransfer_user = root\n"
                + "transfer_ssh_options = StrictHostKeyChecking=yes,HostName=127.0.0.1,HostKeyAlias=other.example.org,Port="
                + port + ",IdentitiesOnly=yes,IdentityFile=" + at("user-key") + ",UserKnownHostsFile=" + at("known"));
        start();
        other = otherHost();
    }

    @Test
    void aGuestGoesToAnotherHostAndStays() throws Exception {
        startBoth();
        assertThat(run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")))
                .as(err.toString())
                .isZero();
        Path here = folder.resolve("instances/" + UUID + "/disk");
        Path copy = there().resolve("instances/" + UUID + "/disk");
        write(here, 1000 * MIB);
        assertThat(answer("instance", "migrate", UUID, "--host", "other.example.org"))
                .contains("migrate-confirm");
        assertThat(read(copy, 1000 * MIB)).isEqualTo(DATA);
        assertThat(run("instance", "migrate-confirm", UUID)).as(err.toString()).isZero();
        assertThat(here.getParent()).doesNotExist();
        assertThat(run(there(), "instance", "list")).isZero();
        assertThat(out.toString()).contains(UUID, "running");
        assertThat(run(there(), "instance", "delete", UUID)).isZero();
    }

    /** Somebody else answers there, or we are nobody there: the guest runs on. */
    @Test
    void whoIsNotKnownGetsNothing() throws Exception {
        startBoth();
        assertThat(run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")))
                .isZero();
        know("stranger-key");
        refused("Host key verification failed");
        know("host-key");
        Files.copy(
                folder.resolve("stranger-key.pub"), folder.resolve("authorized"), StandardCopyOption.REPLACE_EXISTING);
        refused("Permission denied");
        assertThat(there().resolve("instances/" + UUID)).doesNotExist();
        assertThat(answer("instance", "list")).contains("running");
        assertThat(Objects.requireNonNull(sshd).isAlive()).isTrue();
        assertThat(run("instance", "delete", UUID)).isZero();
    }

    private void refused(String why) {
        assertThat(run("instance", "migrate", UUID, "--host", "other.example.org"))
                .isEqualTo(3);
        assertThat(err.toString()).contains("ssh does not come to other.example.org", why);
    }
}
