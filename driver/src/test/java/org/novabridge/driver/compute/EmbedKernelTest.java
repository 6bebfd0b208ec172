package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;
import org.novabridge.driver.model.Instance;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.RescueSpec;

/** A real QEMU boots a kernel that lies beside the guest's disk, and another one in a rescue. */
@Tag("embed")
@Timeout(180)
class EmbedKernelTest extends EmbedGuest {
    private static final String LINE = "root=/dev/vda1 of=the-image";

    /** Not of whole sectors, as most are not. */
    private static final byte[] RAMDISK = "what the kernel finds in its memory".getBytes(StandardCharsets.US_ASCII);

    private InstanceSpec spec(@Nullable String kernel, @Nullable String ramdisk) {
        InstanceSpec plain = bridge.spec(uuid);
        Instance one = plain.instance();
        Map<String, String> properties = new HashMap<>(plain.imageMeta().properties());
        properties.put("os_command_line", LINE);
        ImageMeta image = plain.imageMeta();
        return new InstanceSpec(
                new Instance(
                        one.uuid(),
                        one.name(),
                        one.displayName(),
                        one.projectId(),
                        one.userId(),
                        one.vcpus(),
                        one.memoryMb(),
                        one.rootGb(),
                        one.ephemeralGb(),
                        one.flavor(),
                        one.imageRef(),
                        "aki-1",
                        "ari-1",
                        null,
                        null,
                        "",
                        Map.of(),
                        Map.of()),
                new ImageMeta(image.id(), "image", "qcow2", "bare", null, 0, 0, properties),
                plain.blockDeviceInfo(),
                plain.networkInfo(),
                plain.imageFile(),
                null,
                true,
                null,
                kernel,
                ramdisk);
    }

    private Path file(String name) {
        return bridge.instances().resolve(uuid).resolve(name);
    }

    private String console(ComputeDriver driver) {
        return new String(driver.instances().consoleLog(uuid, 1 << 16), StandardCharsets.US_ASCII);
    }

    private void says(ComputeDriver driver, String line, int times) throws InterruptedException {
        for (int i = 0; i < 300 && times(driver, line) < times; i++) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        assertThat(times(driver, line)).as(console(driver)).isEqualTo(times);
    }

    private int times(ComputeDriver driver, String line) {
        return console(driver).split(line, -1).length - 1;
    }

    @Test
    void aGuestBootsTheKernelBesideItsDisk() throws Exception {
        bridge.configure("qcow2", "rescue_kernel_id = aki-rescue");
        Path kernel = PrintingKernel.write(bridge.folder().resolve("vmlinuz"));
        byte[] content = Files.readAllBytes(kernel);
        Path ramdisk = Files.write(bridge.folder().resolve("initrd"), RAMDISK);
        try (ComputeDriver driver = bridge.open(bridge.load())) {
            InstanceService service = driver.instances();
            Operation missing = OperationsTest.Awaited.ended(
                    driver.operations(),
                    service.create(OPERATOR, spec(kernel.toString(), null), RequestKey.NONE)
                            .id());
            assertThat(missing.problem()).isNotNull();
            assertThat(missing.problem().code()).isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
            assertThat(file("kernel")).doesNotExist();

            PrintingKernel.write(kernel);
            done(driver, service.create(OPERATOR, spec(null, ramdisk.toString()), RequestKey.NONE));
            says(driver, LINE, 1);
            assertThat(file("kernel")).hasBinaryContent(content);
            assertThat(file("ramdisk")).hasBinaryContent(RAMDISK);
            done(driver, service.reboot(OPERATOR, uuid, RebootType.HARD, null, RequestKey.NONE));
            says(driver, LINE, 1);

            Path other = PrintingKernel.write(bridge.folder().resolve("vmlinuz-rescue"));
            RescueSpec rescue = new RescueSpec(
                    new ImageMeta(null, null, null, null, null, 0, 0, Map.of()), null, null, other.toString(), null);
            done(driver, service.rescue(OPERATOR, uuid, rescue, RequestKey.NONE));
            says(driver, "root=/dev/vda console=tty0", 1);
            assertThat(file("kernel.rescue")).hasBinaryContent(content);
            assertThat(file("ramdisk.rescue")).hasBinaryContent(RAMDISK);
            done(driver, service.unrescue(OPERATOR, uuid, RequestKey.NONE));
            says(driver, LINE, 1);
            assertThat(file("kernel.rescue")).doesNotExist();
            assertThat(file("ramdisk.rescue")).doesNotExist();
            assertThat(file("kernel")).hasBinaryContent(content);

            done(driver, service.powerOff(OPERATOR, uuid, Duration.ZERO, null, RequestKey.NONE));
            Files.delete(file("kernel"));
            Operation gone = OperationsTest.Awaited.ended(
                    driver.operations(),
                    service.powerOn(OPERATOR, uuid, RequestKey.NONE).id());
            assertThat(gone.problem()).isNotNull();
            assertThat(gone.problem().code()).isEqualTo(ErrorCode.DISK_NOT_FOUND);
            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
            assertThat(file("ramdisk").getParent()).doesNotExist();
        }
    }
}
