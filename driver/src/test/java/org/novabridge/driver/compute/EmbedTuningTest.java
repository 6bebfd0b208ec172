package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BlockDeviceInfo;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.xml.DomainXml;

/** A tuned guest, from the option in the file to the arguments and threads of the QEMU that runs. */
@Tag("embed")
@Timeout(180)
class EmbedTuningTest extends EmbedGuest {

    @Test
    void whatIsConfiguredIsWhatQemuRunsWith() throws Exception {
        List<Integer> allowed = QemuProcess.processorsOfThisMachine();
        String here = allowed.get(0).toString();
        configure(here, "total_iops_sec:50000,total_iops_sec_max:60000,total_iops_sec_max_length:3");
        Flavor flavor = new Flavor("tuned", 2, 64, 1, 0, 4, Map.of("bridge:io_profile", "tuned"));
        Path volume =
                Files.createDirectories(bridge.folder().resolve("mnt/share")).resolve("v-1");
        try (RandomAccessFile made = new RandomAccessFile(volume.toFile(), "rw")) {
            made.setLength(4 << 20);
        }
        ConfigHolder config = bridge.load();
        try (ComputeDriver driver = bridge.open(config)) {
            InstanceService service = driver.instances();
            done(driver, service.create(OPERATOR, spec(flavor), RequestKey.NONE));
            QemuProcess process = QemuProcess.of(uuid);
            String commandLine = process.commandLine();
            assertThat(commandLine)
                    .contains("\"qom-type\":\"iothread\",\"id\":\"iothread1\"")
                    .contains("\"qom-type\":\"iothread\",\"id\":\"iothread2\"")
                    .containsPattern(
                            "\"driver\":\"virtio-blk-pci\",\"iothread\":\"iothread1\",\"num-queues\":2,\"queue-size\":512")
                    .containsPattern(
                            "\"driver\":\"virtio-scsi-pci\",\"iothread\":\"iothread2\",\"id\":\"scsi0\",\"num_queues\":2")
                    .contains("\"rotation_rate\":1")
                    .contains("\"detect-zeroes\":\"unmap\"", "\"discard\":\"unmap\"")
                    .contains("\"cache-size\":4194304")
                    .contains("\"werror\":\"stop\"")
                    .contains("\"serial\":\"" + uuid.replace("-", "").substring(0, 15) + "-root\"");
            // auto on files that grow: io_uring if the probe's QEMU started with it, and so must this one.
            String io = driver.plan(spec(flavor)).disks().disks().get(0).io();
            assertThat(io).isIn("io_uring", "threads");
            assertThat(commandLine).contains("\"aio\":\"" + io + "\"");
            assertThat(process.ioThreads())
                    .as("where each I/O thread may run")
                    .isEqualTo(Map.of("IO iothread1", here, "IO iothread2", here));
            // libvirt 9.0 tells a running QEMU its limits, so they are in no argument.
            assertThat(live(driver, "vda").ioTune())
                    .containsEntry("total_iops_sec_max", "60000")
                    .containsEntry("total_iops_sec_max_length", "3");
            assertThat(service.show(uuid).drift()).isEmpty();

            done(
                    driver,
                    service.attachVolume(
                            OPERATOR, uuid, Volumes.file("v-1", "vdc", volume.toString()), RequestKey.NONE));
            LiveDisk attached = live(driver, "vdc");
            assertThat(attached.tuning().ioThreads()).containsExactly(1);
            assertThat(attached.tuning().queues()).isEqualTo(2);
            assertThat(service.show(uuid).drift()).isEmpty();

            String elsewhere = allowed.size() > 1 ? list(allowed.get(0), allowed.get(1)) : here;
            configure(elsewhere, "read_iops_sec:3000,write_bytes_sec:1000000,size_iops_sec:4096");
            config.reload();
            assertThat(service.show(uuid).drift())
                    .isNotEmpty()
                    .allMatch(one -> one.needs() == InstanceView.Remedy.LIVE);
            Operation applied = done(driver, service.applyLive(OPERATOR, uuid, RequestKey.NONE));
            assertThat(applied.result()).containsEntry("left", List.of());
            assertThat(live(driver, "vda").ioTune())
                    .containsOnly(
                            Map.entry("read_iops_sec", "3000"),
                            Map.entry("write_bytes_sec", "1000000"),
                            Map.entry("size_iops_sec", "4096"));
            assertThat(process.ioThreads()).isEqualTo(Map.of("IO iothread1", elsewhere, "IO iothread2", elsewhere));
            assertThat(service.show(uuid).drift()).isEmpty();
            done(driver, service.reboot(OPERATOR, uuid, RebootType.HARD, null, RequestKey.NONE));
            assertThat(service.show(uuid).drift()).isEmpty();

            configure(elsewhere, "total_iops_sec:500\niotune_group = true");
            config.reload();
            done(driver, service.reboot(OPERATOR, uuid, RebootType.HARD, null, RequestKey.NONE));
            assertThat(service.show(uuid).drift()).isEmpty();
            configure(elsewhere, "total_iops_sec:700");
            config.reload();
            applied = done(driver, service.applyLive(OPERATOR, uuid, RequestKey.NONE));
            assertThat(applied.result()).as("a running group is left alone").containsEntry("applied", List.of());
            assertThat(List.of(live(driver, "vda").ioTune(), live(driver, "sda").ioTune()))
                    .containsOnly(Map.of("total_iops_sec", "500", "group_name", "disks"));
            done(driver, service.reboot(OPERATOR, uuid, RebootType.HARD, null, RequestKey.NONE));
            assertThat(service.show(uuid).drift()).isEmpty();
            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
        }
    }

    /** As the kernel writes it. */
    private static String list(int first, int second) {
        return first + (second == first + 1 ? "-" : ",") + second;
    }

    private void configure(String cpus, String limits) throws IOException {
        bridge.configure(
                "qcow2",
                "disk_iothreads = 2",
                "disk_iothread_cpus = " + cpus,
                "disk_io_modes = file=auto",
                "disk_queues = auto",
                "disk_rotation_rate = 1",
                "[io_profile:tuned]",
                "queue_size = 512",
                "discard = unmap",
                "detect_zeroes = unmap",
                "metadata_cache = 4M",
                "error_policy = stop",
                "serial = true",
                "iotune = " + limits);
    }

    /** Its root disk is on virtio-blk, its swap on a virtio-scsi controller: one I/O thread each. */
    private InstanceSpec spec(Flavor flavor) {
        InstanceSpec made = bridge.spec(uuid, flavor);
        ImageMeta image = made.imageMeta();
        Map<String, String> properties = new LinkedHashMap<>(image.properties());
        properties.put("hw_scsi_model", "virtio-scsi");
        return made.with(
                new ImageMeta(
                        image.id(),
                        image.name(),
                        image.diskFormat(),
                        image.containerFormat(),
                        image.size(),
                        image.minDisk(),
                        image.minRam(),
                        properties),
                new BlockDeviceInfo(
                        null,
                        List.of(),
                        List.of(),
                        new BlockDevice(null, "scsi", null, null, 4, null, Map.of()),
                        List.of()));
    }

    private LiveDisk live(ComputeDriver driver, String target) {
        return DomainXml.read(driver.hypervisor().xml(uuid, false)).disk(target).orElseThrow();
    }
}
