package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.hypervisor.QemuMonitor;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.xml.DomainXml;

/** What comes to a real guest without a reboot: a volume opened anew, and an I/O thread for the next one. */
@Tag("embed")
@Timeout(180)
class EmbedReplugTest extends EmbedGuest {
    private static final String[] SHORT = {"device_detach_attempts = 1", "device_detach_timeout = 1"};

    private Path file(String name) throws Exception {
        Path file =
                Files.createDirectories(bridge.folder().resolve("mnt/share")).resolve(name);
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(4 << 20);
        }
        return file;
    }

    private void configure(String... lines) throws Exception {
        String[] all = new String[SHORT.length + lines.length];
        System.arraycopy(SHORT, 0, all, 0, SHORT.length);
        System.arraycopy(lines, 0, all, SHORT.length, lines.length);
        bridge.configure("qcow2", all);
    }

    private static void attach(ComputeDriver driver, String uuid, String volume, String target, Path file) {
        done(
                driver,
                driver.instances()
                        .attachVolume(OPERATOR, uuid, Volumes.file(volume, target, file.toString()), RequestKey.NONE));
    }

    private LiveDisk disk(ComputeDriver driver, String target, boolean inactive) {
        return DomainXml.read(driver.hypervisor().xml(uuid, inactive))
                .disk(target)
                .orElseThrow();
    }

    private List<String> drift(ComputeDriver driver) {
        return driver.instances().show(uuid).drift().stream()
                .map(EmbedReplugTest::words)
                .toList();
    }

    private static String words(Drift one) {
        return one.disk() + " " + one.attribute() + " " + one.needs().word();
    }

    @Test
    void aVolumeIsOpenedAnewAndAnotherGetsAThreadOfItsOwnWhileTheGuestRuns() throws Exception {
        configure();
        Path first = file("v-1");
        Path second = file("v-2");
        Path third = file("v-3");
        ConfigHolder config = bridge.load();
        try (ComputeDriver driver = bridge.open(config)) {
            InstanceService service = driver.instances();
            done(driver, service.create(OPERATOR, bridge.spec(uuid), RequestKey.NONE));
            // A controller lets a disk go by itself; a disk of its own on PCI waits for a system that runs in the
            // guest.
            attach(driver, uuid, "v-1", "sda", first);
            attach(driver, uuid, "v-2", "vdc", second);
            QemuProcess process = QemuProcess.of(uuid);
            assertThat(process.directly(first)).containsExactly(true);

            configure("disk_cachemodes = file=writethrough");
            config.reload();
            assertThat(drift(driver))
                    .containsExactlyInAnyOrder(
                            "vda cache hard-reboot",
                            "sda cache replug",
                            "sda io replug",
                            "vdc cache replug",
                            "vdc io replug");
            done(driver, service.replugVolume(OPERATOR, uuid, "v-1", true, RequestKey.NONE));
            assertThat(process.directly(first)).as("a dry run").containsExactly(true);
            Operation done = done(driver, service.replugVolume(OPERATOR, uuid, "v-1", false, RequestKey.NONE));
            assertThat(done.result()).containsEntry("replugged", true).containsEntry("left", List.of());
            assertThat(process.directly(first)).containsExactly(false);
            assertThat(disk(driver, "sda", false).cache()).isEqualTo("writethrough");
            assertThat(disk(driver, "sda", true).cache()).isEqualTo("writethrough");
            assertThat(disk(driver, "sda", false).serial()).isEqualTo("v-1");

            Operation refused = OperationsTest.Awaited.ended(
                    driver.operations(),
                    service.replugVolume(OPERATOR, uuid, "vdc", false, RequestKey.NONE)
                            .id(),
                    Duration.ofSeconds(60));
            assertThat(Objects.requireNonNull(refused.problem()).code()).isEqualTo(ErrorCode.DEVICE_DETACH_FAILED);
            assertThat(process.directly(second))
                    .as("nobody in the guest has let it go")
                    .containsExactly(true);
            assertThat(disk(driver, "vdc", true).cache()).isEqualTo("none");

            String here = QemuProcess.processorsOfThisMachine().get(0).toString();
            configure("disk_iothreads = 1", "disk_iothread_cpus = " + here);
            config.reload();
            assertThat(drift(driver))
                    .contains("vda iothread hard-reboot", "vdc iothread replug", "guest iothreads live");
            done(driver, service.applyLive(OPERATOR, uuid, RequestKey.NONE));
            assertThat(process.ioThreads()).isEqualTo(Map.of("IO iothread1", here));
            assertThat(drift(driver)).contains("vda iothread hard-reboot").doesNotContain("guest iothreads live");
            assertThat(disk(driver, "vda", false).tuning().ioThreads())
                    .as("what is plugged stays where it is")
                    .isEmpty();
            attach(driver, uuid, "v-3", "vdd", third);
            assertThat(disk(driver, "vdd", false).tuning().ioThreads()).containsExactly(1);
            try (QemuMonitor monitor = QemuMonitor.of(uuid)) {
                assertThat(monitor.property("/machine/peripheral/virtio-disk3", "iothread")
                                .asText())
                        .isEqualTo("/objects/iothread1");
            }
            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
        }
    }

    /** A device of its own on PCI goes when the system in the guest says so. */
    @Test
    void aSystemInTheGuestLetsAVolumeGoWhichThenHasAThread() throws Exception {
        Path image = Path.of("../.build/guest.qcow2");
        assumeTrue(
                Files.exists(image), "there is no image with a system: tools/guest-image .build/guest.qcow2 makes it");
        Files.copy(image, bridge.image(), StandardCopyOption.REPLACE_EXISTING);
        Path volume = file("v-1");
        bridge.configure("qcow2");
        ConfigHolder config = bridge.load();
        try (ComputeDriver driver = bridge.open(config)) {
            InstanceService service = driver.instances();
            Flavor flavor = new Flavor("booting", 1, 256, 1, 0, 0, Map.of());
            done(driver, service.create(OPERATOR, bridge.spec(uuid, flavor), RequestKey.NONE));
            long end = System.nanoTime() + Duration.ofSeconds(100).toNanos();
            while (!new String(service.consoleLog(uuid, 1 << 16), StandardCharsets.UTF_8)
                    .contains("NOVA-BRIDGE-GUEST ready")) {
                assertThat(System.nanoTime()).as("waited 100 s for the guest").isLessThan(end);
                Thread.sleep(200);
            }
            attach(driver, uuid, "v-1", "vdb", volume);
            assertThat(disk(driver, "vdb", false).tuning().ioThreads()).isEmpty();
            bridge.configure("qcow2", "disk_iothreads = 1");
            config.reload();
            done(driver, service.applyLive(OPERATOR, uuid, RequestKey.NONE));
            Operation done = done(driver, service.replugVolume(OPERATOR, uuid, "v-1", false, RequestKey.NONE));
            assertThat(done.result()).containsEntry("replugged", true).containsEntry("left", List.of());
            assertThat(disk(driver, "vdb", false).tuning().ioThreads()).containsExactly(1);
            assertThat(disk(driver, "vdb", true).tuning().ioThreads()).containsExactly(1);
            try (QemuMonitor monitor = QemuMonitor.of(uuid)) {
                assertThat(monitor.property("/machine/peripheral/virtio-disk1", "iothread")
                                .asText())
                        .isEqualTo("/objects/iothread1");
            }
            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
        }
    }
}
