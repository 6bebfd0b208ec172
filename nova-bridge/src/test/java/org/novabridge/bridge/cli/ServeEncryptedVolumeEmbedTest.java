package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A LUKS volume that a real QEMU decrypts with a secret of a real libvirtd, which nobody can read and no file has. */
@Tag("embed")
@Timeout(180)
class ServeEncryptedVolumeEmbedTest extends ServedProgram {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VOLUME = "22222222-2222-4333-8444-555555555509";
    private static final byte[] KEY = "0123456789-NOBODY-READS-ME-98765".getBytes(StandardCharsets.US_ASCII);
    private static final String PASSPHRASE = HexFormat.of().formatHex(KEY);
    private static final long MIB = 1 << 20;

    @Test
    void qemuDecryptsAVolumeAndItsKeyIsNowhereElse() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root for a mount namespace");
        assumeTrue(Files.isExecutable(PrivateLibvirtd.PROGRAM), "libvirtd is not installed (libvirt-daemon)");
        try (PrivateLibvirtd libvirtd = new PrivateLibvirtd(folder.resolve("d"))) {
            Path volume = luks();
            configure(libvirtd.uri(), "cpu_mode = none\n");
            run(libvirtd);
            start();
            assertThat(run("instance", "create", "--spec", at("spec.json"), "--image", at("i.qcow2")))
                    .as(err.toString())
                    .isZero();
            assertThat(failure(attach(volume))).isEqualTo("/problems/disk-key-refused");
            bring("not-the-key-of-it");
            assertThat(failure(attach(volume)))
                    .as("QEMU was given another key")
                    .isEqualTo("/problems/hypervisor-failed");
            assertThat(secrets(libvirtd)).isEmpty();

            bring(new String(KEY, StandardCharsets.US_ASCII));
            assertThat(attach(volume).path("state").asText()).isEqualTo("done");
            assertThat(size(libvirtd)).as("what is inside").isEqualTo(8 * MIB);
            String document = virsh(libvirtd, "dumpxml", UUID);
            assertThat(document).contains("<encryption format='luks'", "type='passphrase'");
            assertThat(secrets(libvirtd)).hasSize(1);
            String secret = secrets(libvirtd).get(0).strip().split(" +")[0];
            assertThat(exit("virsh", "-q", "-c", libvirtd.uri(), "secret-get-value", secret))
                    .as("private")
                    .isNotZero();
            nowhere(document);

            assertThat(run("instance", "stop", "--timeout", "0", UUID))
                    .as(err.toString())
                    .isZero();
            assertThat(run("instance", "start", UUID))
                    .as("as long as libvirt lives")
                    .isZero();
            assertThat(run("instance", "reboot", "--hard", UUID))
                    .as(err.toString())
                    .isZero();
            assertThat(size(libvirtd)).isEqualTo(8 * MIB);

            assertThat(run("instance", "stop", "--timeout", "0", UUID))
                    .as(err.toString())
                    .isZero();
            libvirtd.kill();
            run(libvirtd);
            eventually(() -> run("instance", "list") == 0);
            assertThat(run("instance", "start", UUID)).as("refused by a rule").isEqualTo(3);
            assertThat(err.toString()).contains("its key is not here", "nova-bridge instance key " + UUID);
            bring(new String(KEY, StandardCharsets.US_ASCII));
            assertThat(run("instance", "start", UUID)).as(err.toString()).isZero();
            assertThat(size(libvirtd)).isEqualTo(8 * MIB);
            nowhere(log());

            assertThat(run("instance", "delete", UUID)).as(err.toString()).isZero();
            assertThat(secrets(libvirtd)).isEmpty();
        }
    }

    /** libvirtd needs a moment until it answers. */
    private static void run(PrivateLibvirtd libvirtd) throws IOException, InterruptedException {
        libvirtd.start();
        for (int i = 0; i < 60 && exit("virsh", "-q", "-c", libvirtd.uri(), "list") != 0; i++) {
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    /** Formatted as Cinder and Nova do, on a share. */
    private Path luks() throws IOException, InterruptedException {
        Path share = Files.createDirectories(folder.resolve("nova/mnt/share"));
        Path passphrase = Files.writeString(folder.resolve("passphrase"), PASSPHRASE);
        Path volume = share.resolve("volume-" + VOLUME);
        int ended = 1;
        // It measures how quickly it hashes, and gives up when it got no processor meanwhile.
        for (int milliseconds = 10; ended != 0 && milliseconds < 1000; milliseconds *= 2) {
            ended = exit(
                    "qemu-img",
                    "create",
                    "-q",
                    "--object",
                    "secret,id=key,file=" + passphrase,
                    "-f",
                    "luks",
                    "-o",
                    "key-secret=key,iter-time=" + milliseconds,
                    volume.toString(),
                    "8M");
        }
        assertThat(ended).isZero();
        Files.delete(passphrase);
        return volume;
    }

    private void bring(String key) throws IOException {
        Path file = Files.writeString(folder.resolve("key"), key);
        assertThat(run("instance", "key", UUID, "--volume", VOLUME, "--file", file.toString()))
                .as(err.toString())
                .isZero();
        Files.delete(file);
    }

    private JsonNode attach(Path volume) throws IOException {
        JsonNode body = JSON.readTree("""
                {"volume": {"mount_device": "/dev/sda", "disk_bus": "scsi", "device_type": "disk", "boot_index": null,
                 "connection_info": {"driver_volume_type": "nfs", "serial": "%s", "data": {"device_path": "%s",
                  "encrypted": true, "nova_bridge_encryption": "luks"}}}}
                """.formatted(VOLUME, volume));
        try (BridgeClient client = new BridgeClient(folder.resolve("b.sock"))) {
            String id = client.post("/v1/instances/" + UUID + "/attach-volume", body)
                    .path("id")
                    .asText();
            return client.get("/v1/operations/" + id + "?wait=60");
        }
    }

    private static String failure(JsonNode operation) {
        assertThat(operation.path("state").asText()).as(operation.toString()).isEqualTo("failed");
        return operation.path("problem").path("type").asText();
    }

    /** What the guest sees of the volume, in bytes. */
    private static long size(PrivateLibvirtd libvirtd) throws IOException, InterruptedException {
        String info = virsh(libvirtd, "domblkinfo", UUID, "sda");
        return info.lines()
                .filter(line -> line.startsWith("Capacity:"))
                .map(line -> Long.valueOf(line.substring("Capacity:".length()).strip()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(info));
    }

    private static List<String> secrets(PrivateLibvirtd libvirtd) throws IOException, InterruptedException {
        return virsh(libvirtd, "secret-list")
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    private static String virsh(PrivateLibvirtd libvirtd, String... words) throws IOException, InterruptedException {
        List<String> line = Stream.concat(Stream.of("virsh", "-q", "-c", libvirtd.uri()), Stream.of(words))
                .toList();
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    /** Neither in a text nor in a file of bridge or libvirt, nor in the command line of a process. */
    private void nowhere(String text) throws IOException {
        String[] forms = {new String(KEY, StandardCharsets.US_ASCII), PASSPHRASE};
        assertThat(text).doesNotContain(forms);
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(forms);
            }
        }
        ProcessHandle.allProcesses()
                .forEach(one -> assertThat(one.info().commandLine().orElse("")).doesNotContain(forms));
    }
}
