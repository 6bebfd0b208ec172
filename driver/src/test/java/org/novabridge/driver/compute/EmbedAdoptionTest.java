package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.NOVA;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.xml.DomainXml;

/** A real guest as Nova's own driver leaves one on its host: its document and files, nothing of ours. */
@Tag("embed")
@Timeout(240)
class EmbedAdoptionTest extends EmbedGuest {
    private static final long GIB = 1L << 30;

    private static void run(String... argv) throws Exception {
        Process process = new ProcessBuilder(argv).inheritIO().start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0)
                .as(String.join(" ", argv))
                .isTrue();
    }

    /** A root disk with a base in the cache (qcow2) or whole (raw), a config drive, a log, and disk.info as Nova has it. */
    private Path files(String format) throws Exception {
        Path folder = Files.createDirectories(bridge.instances().resolve(uuid));
        Path disk = folder.resolve("disk");
        if (format.equals("qcow2")) {
            Path base = Files.createDirectories(bridge.instances().resolve("_base"))
                    .resolve("b31bd44a3ec3c3b8a0a1cdd5c3f8f5b9fd2ab7b1");
            run("qemu-img", "convert", "-O", "raw", bridge.image().toString(), base.toString());
            run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", base.toString(), disk.toString(), "1G");
        } else {
            run("qemu-img", "convert", "-O", "raw", bridge.image().toString(), disk.toString());
            run("qemu-img", "resize", "-q", "-f", "raw", disk.toString(), "1G");
        }
        Files.copy(Path.of(bridge.configDrive()), folder.resolve("disk.config"));
        Files.createFile(folder.resolve("console.log"));
        Files.writeString(folder.resolve("disk.info"), "{\"" + disk + "\": \"" + format + "\"}\n");
        return folder;
    }

    /** As nova/virt/libvirt 26.2.2 writes it for virt_type = qemu, without display. */
    private String document(Path folder, String format) {
        return """
                <domain type="qemu">
                  <uuid>%1$s</uuid>
                  <name>instance-%2$s</name>
                  <memory>65536</memory>
                  <vcpu>1</vcpu>
                  <metadata>
                    <nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
                      <nova:package version="26.2.2"/>
                      <nova:name>web</nova:name>
                      <nova:creationTime>2026-11-20 10:00:00</nova:creationTime>
                      <nova:root type="image" uuid="%5$s"/>
                    </nova:instance>
                  </metadata>
                  <os>
                    <type arch="x86_64" machine="pc">hvm</type>
                    <boot dev="hd"/>
                  </os>
                  <features>
                    <acpi/>
                    <apic/>
                  </features>
                  <clock offset="utc"/>
                  <devices>
                    <disk type="file" device="disk">
                      <driver name="qemu" type="%4$s" cache="none"/>
                      <source file="%3$s/disk"/>
                      <target dev="vda" bus="virtio"/>
                    </disk>
                    <disk type="file" device="cdrom">
                      <driver name="qemu" type="raw" cache="none"/>
                      <source file="%3$s/disk.config"/>
                      <target dev="hda" bus="ide"/>
                    </disk>
                    <serial type="pty">
                      <log file="%3$s/console.log" append="off"/>
                    </serial>
                    <input type="tablet" bus="usb"/>
                    <rng model="virtio">
                      <backend model="random">/dev/urandom</backend>
                    </rng>
                    <controller type="usb" index="0"/>
                    <memballoon model="virtio">
                      <stats period="10"/>
                    </memballoon>
                  </devices>
                </domain>
                """.formatted(uuid, uuid.substring(0, 8), folder, format, EmbedBridge.IMAGE);
    }

    private String process() throws Exception {
        return QemuProcess.of(uuid).id();
    }

    private List<String> cacheModes(ComputeDriver driver) {
        return DomainXml.read(driver.hypervisor().xml(uuid, false)).disks().stream()
                .map(disk -> disk.target() + " " + disk.format() + " " + disk.cache())
                .toList();
    }

    /** New disks are qcow2 here, whatever this guest has. */
    @ParameterizedTest
    @ValueSource(strings = {"qcow2", "raw"})
    void itIsTakenOverWhileItRunsAndThenIsAsOneOfOurs(String format) throws Exception {
        bridge.configure("qcow2", "disk_cachemodes = file=writeback");
        Path folder = files(format);
        try (ComputeDriver driver = bridge.open(bridge.load())) {
            InstanceService service = driver.instances();
            InstanceSpec spec = bridge.specOfFewDisks(uuid, 1, 0);
            driver.hypervisor().define(document(folder, format));
            driver.hypervisor().start(uuid, false);
            String stock = process();

            Map<String, Object> planned = done(driver, service.adopt(NOVA, uuid, null, true, RequestKey.NONE))
                    .result();
            assertThat(planned).containsEntry("backend", format).containsEntry("adopted", false);
            assertThat(service.spec(uuid)).isEmpty();

            done(driver, service.adopt(NOVA, uuid, spec, false, RequestKey.NONE));
            assertThat(process()).isEqualTo(stock);
            InstanceView seen = service.show(uuid);
            assertThat(seen.owner()).isEqualTo(InstanceOwner.NOVA);
            assertThat(seen.state()).isEqualTo("running");
            assertThat(seen.disks()).allMatch(InstanceView.DiskView::exists);
            assertThat(seen.disks()).extracting(InstanceView.DiskView::name).containsExactly("disk", "disk.config");
            assertThat(seen.drift())
                    .contains(new InstanceView.Drift(
                            "vda", "cache", "none", "writeback", InstanceView.Remedy.HARD_REBOOT));

            Path volume = Files.createDirectories(bridge.folder().resolve("mnt/share"))
                    .resolve("v-1");
            try (RandomAccessFile made = new RandomAccessFile(volume.toFile(), "rw")) {
                made.setLength(1 << 20);
            }
            BlockDevice attached = Volumes.file("v-1", "vdb", volume.toString());
            done(driver, service.attachVolume(NOVA, uuid, attached, RequestKey.NONE));
            assertThat(cacheModes(driver)).anyMatch(disk -> disk.startsWith("vdb "));
            assertThat(process()).as("a guest that runs is not restarted").isEqualTo(stock);
            Map<String, Object> picture = done(
                            driver,
                            service.snapshot(NOVA, uuid, new SnapshotRequest(null, null, null), RequestKey.NONE))
                    .result();
            assertThat(Path.of(String.valueOf(picture.get("file")))).isNotEmptyFile();

            done(driver, service.reboot(NOVA, uuid, RebootType.HARD, Volumes.with(spec, attached), RequestKey.NONE));
            assertThat(process()).isNotEqualTo(stock);
            assertThat(cacheModes(driver))
                    .contains("vda " + format + " writeback")
                    .anyMatch(disk -> disk.startsWith("vdb "));
            done(
                    driver,
                    service.resize(
                            NOVA,
                            uuid,
                            new ResizeRequest(new Flavor("more", 1, 96, 2, 0, 0, Map.of()), false, false),
                            RequestKey.NONE));
            done(driver, service.confirmResize(NOVA, uuid, RequestKey.NONE));
            assertThat(service.show(uuid).disks().get(0).sizeBytes()).isEqualTo(2 * GIB);

            done(driver, service.delete(NOVA, uuid, RequestKey.NONE));
            assertThat(folder).doesNotExist();
            assertThat(driver.hypervisor().find(uuid)).isEmpty();
            assertThat(service.list()).isEmpty();
        }
    }
}
