package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DisksCommandTest {
    private static final String SPEC = """
            {"instance": {"uuid": "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01", "name": "instance-0000002a",
              "project_id": "p", "user_id": "u", "config_drive": "True",
              "flavor": {"name": "tiny", "vcpus": 1, "memory_mb": 64, "root_gb": 1,
                         "extra_specs": {"quota:disk_read_iops_sec": "500"}}},
             "image_meta": {"id": "i", "disk_format": "qcow2", "properties": {"hw_disk_bus": "%s"}}}
            """;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path config = Path.of("");
    private Path facts = Path.of("");

    @BeforeEach
    void files() throws IOException {
        config = Files.writeString(folder.resolve("nova-compute.conf"), """
                [DEFAULT]
                instances_path = /srv/nova
                [libvirt]
                virt_type = qemu
                cpu_mode = none
                images_type = qcow2
                disk_cachemodes = file=writeback
                """);
        facts = Files.writeString(folder.resolve("facts.json"), """
                {"arch": "x86_64", "direct_io": true, "rng_device": true, "cpu_control": true}
                """);
    }

    private int disks(String verb, Path spec, String... more) {
        CommandLine line = NovaBridge.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        List<String> words = new ArrayList<>(List.of(
                "disks",
                verb,
                "--config-file",
                config.toString(),
                "--instance",
                spec.toString(),
                "--no-probe",
                "--host-facts",
                facts.toString()));
        words.addAll(List.of(more));
        return line.execute(words.toArray(String[]::new));
    }

    private Path spec(String bus) throws IOException {
        return Files.writeString(folder.resolve("spec.json"), SPEC.formatted(bus));
    }

    @Test
    void explainNamesValueRuleFileLineAndReason() throws IOException {
        assertThat(disks("explain", spec("virtio"), "--disk", "vda", "--attribute", "cache"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains("vda", "cache", "writeback", "CacheModeRule")
                .contains("[libvirt]disk_cachemodes (" + config + ":7)")
                .contains("disk_cachemodes sets this mode for source type file.");
        assertThat(out.toString().lines()).hasSize(2);
    }

    @Test
    void explainSpeaksOfEveryAttributeOfEveryDisk() throws IOException {
        assertThat(disks("explain", spec("virtio"))).as(err.toString()).isZero();
        long attributes = org.novabridge.driver.model.DiskAttribute.values().length;
        assertThat(out.toString().lines()).hasSize((int) (1 + 2 * attributes));
        assertThat(out.toString()).contains("extra spec quota:disk_read_iops_sec", "image property hw_disk_bus");
    }

    @Test
    void explainAsJson() throws IOException {
        assertThat(disks("explain", spec("virtio"), "--disk", "disk.config", "--attribute", "bus", "--output", "json"))
                .isZero();
        assertThat(out.toString()).contains("\"disk\" : \"hda\"", "\"rule\" : \"BusRule\"", "\"value\" : \"ide\"");
    }

    @Test
    void renderPrintsTheWholeDomain() throws IOException {
        assertThat(disks("render", spec("virtio"))).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("<domain type=\"qemu\"", "b2b0d7c4-9c40-4f3e-8d44-6f6f2b1c0a01", "cache=\"writeback\"")
                .contains("<read_iops_sec>500</read_iops_sec>");
    }

    @Test
    void renderAsJsonPrintsTheDisks() throws IOException {
        assertThat(disks("render", spec("virtio"), "--format", "json")).isZero();
        assertThat(out.toString()).contains("\"root_device_name\" : \"/dev/vda\"", "\"cache\" : \"writeback\"");
    }

    @Test
    void aRefusalEndsWithThree() throws IOException {
        assertThat(disks("render", spec("xen"))).isEqualTo(3);
        assertThat(err.toString()).contains("hw_disk_bus");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void wrongUsageEndsWithTwo() throws IOException {
        assertThat(disks("explain", spec("virtio"), "--disk", "vdz")).isEqualTo(2);
        assertThat(err.toString()).contains("no disk 'vdz'", "vda (disk)");
        assertThat(disks("explain", folder.resolve("missing.json"))).isEqualTo(2);
        Path bad = Files.writeString(folder.resolve("bad.json"), "{}");
        assertThat(disks("explain", bad)).isEqualTo(2);
        assertThat(err.toString()).contains(bad + ": SPEC.json has ");
        assertThat(disks("explain", Files.writeString(folder.resolve("bad.json"), "{")))
                .isEqualTo(2);
    }

    @Test
    void aConfigurationWithErrorsIsRefused() throws IOException {
        Files.writeString(config, "[DEFAULT]\ninstances_path=/srv\n[libvirt]\nimages_type = lwm\n");
        assertThat(disks("explain", spec("virtio"))).isEqualTo(3);
        assertThat(err.toString()).contains("nova-compute.conf:4", "did you mean lvm");
    }
}
