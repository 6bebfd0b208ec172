package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.xml.DomainXml;

/** What comes to a real guest and goes from it: files of a share, a port, and a block device where this machine has one. */
@Tag("embed")
@Timeout(180)
class EmbedDeviceTest extends EmbedGuest {
    private static final long MIB = 1 << 20;
    private static final String MAC = "fa:16:3e:00:00:07";
    private static final Map<String, Object> PORT = Map.of(
            "id",
            "11111111-2222-3333-4444-555555555507",
            "type",
            "tap",
            "address",
            MAC,
            "devname",
            "nbtest07",
            "network",
            Map.of("id", "n", "label", "l", "subnets", List.of(), "meta", Map.of()));

    private Path share() throws Exception {
        return Files.createDirectories(bridge.folder().resolve("mnt/share"));
    }

    private Path file(String name, long size) throws Exception {
        Path file = share().resolve(name);
        try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(size);
        }
        return file;
    }

    private static boolean runsWith(ComputeDriver driver, String uuid, String volume) {
        return has(driver, uuid, volume, false);
    }

    private static boolean has(ComputeDriver driver, String uuid, String volume, boolean inactive) {
        return DomainXml.read(driver.hypervisor().xml(uuid, inactive)).disks().stream()
                .anyMatch(disk -> volume.equals(disk.serial()));
    }

    /** What QEMU has open says that it is not libvirt alone that knows. */
    private static boolean open(Path file) throws Exception {
        Process look = new ProcessBuilder(
                        "find", "/proc", "-maxdepth", "3", "-path", "/proc/[0-9]*/fd/*", "-lname", file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String found = new String(look.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        look.waitFor(10, TimeUnit.SECONDS);
        return !found.isBlank();
    }

    private static void attach(ComputeDriver driver, String uuid, BlockDevice volume) {
        done(driver, driver.instances().attachVolume(OPERATOR, uuid, volume, RequestKey.NONE));
    }

    private static void detach(ComputeDriver driver, String uuid, String volume) {
        done(driver, driver.instances().detachVolume(OPERATOR, uuid, null, volume, RequestKey.NONE));
    }

    @Test
    void aGuestStartsWithAVolumeGetsMoreAndGivesItBack() throws Exception {
        bridge.configure("qcow2");
        Path first = file("volume-1", 4 * MIB);
        Path second = file("volume-2", 4 * MIB);
        String device = loop("--find", "--show", file("device", 4 * MIB).toString());
        boolean hasDevice = device.startsWith("/dev/loop");
        try (ComputeDriver driver = bridge.open(bridge.load())) {
            InstanceService service = driver.instances();
            InstanceSpec spec = bridge.spec(uuid);
            BlockDevice root = Volumes.file("v-1", "vdb", null);
            done(driver, service.prepare(OPERATOR, Volumes.with(spec, root), RequestKey.NONE));
            InstanceSpec connected = Volumes.with(spec, Volumes.file("v-1", "vdb", first.toString()));
            done(driver, service.start(OPERATOR, uuid, false, connected, RequestKey.NONE));
            assertThat(runsWith(driver, uuid, "v-1")).isTrue();
            assertThat(open(first)).isTrue();

            // A controller lets a disk go by itself; a disk of its own on PCI waits for a system that runs in the
            // guest.
            attach(driver, uuid, Volumes.file("v-2", "sda", second.toString()));
            assertThat(runsWith(driver, uuid, "v-2")).isTrue();
            assertThat(has(driver, uuid, "v-2", true)).isTrue();
            assertThat(open(second)).isTrue();
            done(driver, service.extendVolume(OPERATOR, uuid, "v-2", 8 * MIB, RequestKey.NONE));
            assertThat(Files.size(second)).isEqualTo(8 * MIB);
            assertThat(service.show(uuid).drift()).isEmpty();
            detach(driver, uuid, "v-2");
            assertThat(runsWith(driver, uuid, "v-2")).isFalse();
            assertThat(has(driver, uuid, "v-2", true)).isFalse();
            assertThat(open(second)).isFalse();

            if (hasDevice) {
                attach(driver, uuid, Volumes.device("v-3", "vdc", "local", device));
                assertThat(runsWith(driver, uuid, "v-3")).isTrue();
                assertThat(open(Path.of(device))).isTrue();
            }
            done(driver, service.attachInterface(OPERATOR, uuid, PORT, RequestKey.NONE));
            assertThat(driver.hypervisor().xml(uuid, false)).contains(MAC);
            assertThat(driver.hypervisor().xml(uuid, true)).contains(MAC);
            assertThat(service.devices(uuid)).anySatisfy(port -> {
                assertThat(port.name()).isEqualTo(MAC);
                assertThat(port.bus()).isEqualTo("pci");
                assertThat(port.address()).matches("0000:0[0-9a-f]:[0-9a-f]{2}\\.[0-7]");
            });
            assertThat(service.devices(uuid)).anySatisfy(disk -> {
                assertThat(disk.serial()).isEqualTo("v-1");
                assertThat(disk.address()).startsWith("0000:");
            });
            done(driver, service.stop(OPERATOR, uuid, RequestKey.NONE));
            done(driver, service.detachInterface(OPERATOR, uuid, MAC, RequestKey.NONE));
            assertThat(driver.hypervisor().xml(uuid, true)).doesNotContain(MAC).contains("v-1");
            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
            assertThat(driver.hypervisor().find(uuid)).isEmpty();
            assertThat(bridge.instances().resolve(uuid)).doesNotExist();
            assertThat(first).exists();
        } finally {
            if (hasDevice) {
                loop("--detach", device);
            }
        }
        assumeTrue(hasDevice, "this machine has no loop devices for us: no block device was attached");
    }

    private static String loop(String... arguments) throws Exception {
        String[] argv = new String[arguments.length + 1];
        argv[0] = "losetup";
        System.arraycopy(arguments, 0, argv, 1, arguments.length);
        Process run = new ProcessBuilder(argv)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        run.waitFor(10, TimeUnit.SECONDS);
        return said.strip();
    }
}
