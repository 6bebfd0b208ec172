package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two bridges as two hosts, and between them everything that is between real ones but the network: the program that stands
 * in for ssh drops its own arguments and runs the words of the other host's command.
 */
@Tag("embed")
class MigrateEmbedTest extends TwoHosts {
    private void standIn() throws IOException {
        Path ssh = Files.writeString(folder.resolve("ssh"), """
                #!/bin/sh
                echo "$@" >>%1$s/asked
                while [ "$1" != -- ]; do shift; done
                [ "$2 $3 $4" = "other.example.org nova-bridge transfer" ] || exit 255
                shift 3
                exec %2$s "$@" --socket %3$s/b.sock
                """.formatted(folder, quotedProgram(), there()));
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private long blocks(Path disk) throws IOException, InterruptedException {
        Process stat = new ProcessBuilder("stat", "-c", "%b", disk.toString()).start();
        String said = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(stat.waitFor()).isZero();
        return Long.parseLong(said.strip());
    }

    @ParameterizedTest
    @CsvSource({"qcow2,qcow2", "qcow2,raw", "raw,qcow2"})
    void aGuestGoesToAnotherHostComesBackGoesAgainAndStays(String typeHere, String typeThere) throws Exception {
        configureEmbedded(
                "images_type = " + typeHere + "\n[DEFAULT]\nshutdown_timeout = 1\n[nova_bridge]\ntransfer_ssh = "
                        + at("ssh") + "\ntransfer_user = root");
        standIn();
        start();
        Process other = otherHost(typeThere);
        try {
            assertThat(run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")))
                    .as(err.toString())
                    .isZero();
            Path here = folder.resolve("instances/" + UUID + "/disk");
            Path copy = there().resolve("instances/" + UUID + "/disk");
            assertThat(run("instance", "stop", UUID)).as(err.toString()).isZero();
            write(typeHere, here, 5 * MIB);
            write(typeHere, here, 1000 * MIB);
            assertThat(run("instance", "start", UUID)).as(err.toString()).isZero();

            assertThat(run("instance", "migrate", UUID, "--host", "nobody.example.org"))
                    .isEqualTo(3);
            assertThat(err.toString()).contains("ssh does not come to nobody.example.org");
            assertThat(answer("instance", "list")).contains("running");
            assertThat(answer("instance", "migrate", UUID, "--host", "other.example.org", "--dry-run"))
                    .contains("would take");
            assertThat(copy).doesNotExist();

            assertThat(answer("instance", "migrate", UUID, "--host", "other.example.org"))
                    .contains("migrate-confirm");
            assertWritten(typeThere, copy, 5 * MIB);
            assertWritten(typeThere, copy, 1000 * MIB);
            assertThat(blocks(copy)).isLessThan(2 * MIB / 512);
            assertThat(run(there(), "instance", "list")).isZero();
            assertThat(out.toString()).contains(UUID, "operator", "running");
            assertThat(answer("instance", "list")).doesNotContain("running");
            assertThat(run("instance", "start", UUID)).isNotZero();

            assertThat(run("instance", "migrate-revert", UUID))
                    .as(err.toString())
                    .isZero();
            assertThat(copy.getParent()).doesNotExist();
            assertThat(answer("instance", "list")).contains("running");
            assertWritten(typeHere, here, 1000 * MIB);

            assertThat(run("instance", "migrate", UUID, "--host", "other.example.org"))
                    .as(err.toString())
                    .isZero();
            assertThat(run("instance", "migrate-confirm", UUID))
                    .as(err.toString())
                    .isZero();
            assertThat(answer("instance", "list")).isEqualTo("no instances\n");
            assertThat(here.getParent()).doesNotExist();
            assertWritten(typeThere, copy, 1000 * MIB);
            assertThat(run(there(), "instance", "delete", UUID)).isZero();
            assertThat(Files.readString(folder.resolve("asked")))
                    .contains("-l root -- other.example.org nova-bridge transfer receive")
                    .doesNotContainPattern("[0-9a-f]{64}");
        } finally {
            other.destroyForcibly();
        }
    }
}
