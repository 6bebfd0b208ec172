package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.novabridge.driver.compute.OperationsTest.OPERATOR;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.driver.model.Flavor;

/** A real guest that gets another flavor and back, with its disk in a file. */
@Tag("embed")
@Timeout(180)
class EmbedResizeTest extends EmbedGuest {
    private static Flavor flavor(int vcpus, int rootGb) {
        return new Flavor("of" + rootGb, vcpus, 64, rootGb, 0, 0, Map.of());
    }

    /** Of a raw file its length; of a qcow2 file eight bytes of its header (docs/interop/qcow2.txt of QEMU). */
    private static long size(Path disk, String format) throws IOException {
        if (format.equals("raw")) {
            return Files.size(disk);
        }
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "r")) {
            file.seek(24);
            return file.readLong();
        }
    }

    /** A raw disk is 1 GiB of holes behind it. */
    private static byte[] beginning(Path disk) throws IOException {
        try (InputStream in = Files.newInputStream(disk)) {
            return in.readNBytes(16 << 20);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qcow2", "raw"})
    void aGuestIsResizedRevertedResizedAgainConfirmedAndGrownOnline(String imagesType) throws Exception {
        bridge.configure(imagesType);
        Path disk = bridge.instances().resolve(uuid).resolve("disk");
        Path kept = bridge.instances().resolve(uuid + "_resize");
        try (ComputeDriver driver = bridge.open(bridge.load())) {
            InstanceService service = driver.instances();
            done(driver, service.create(OPERATOR, bridge.spec(uuid), RequestKey.NONE));
            done(driver, service.powerOff(OPERATOR, uuid, Duration.ZERO, Duration.ZERO, RequestKey.NONE));
            byte[] then = beginning(disk);
            String definition = driver.hypervisor().xml(uuid, true);

            ResizeRequest larger = new ResizeRequest(flavor(2, 2), false, false);
            done(driver, service.resize(OPERATOR, uuid, larger, RequestKey.NONE));
            assertThat(size(disk, imagesType)).isEqualTo(2L << 30);
            assertThat(driver.hypervisor().xml(uuid, true)).contains(">2</vcpu>");
            done(driver, service.powerOn(OPERATOR, uuid, RequestKey.NONE));
            done(driver, service.revertResize(OPERATOR, uuid, RequestKey.NONE));
            assertThat(Arrays.mismatch(beginning(disk), then)).isEqualTo(-1);
            assertThat(size(disk, imagesType)).isEqualTo(1L << 30);
            assertThat(driver.hypervisor().xml(uuid, true)).isEqualTo(definition);
            assertThat(service.show(uuid).state()).isEqualTo("shutdown");
            assertThat(kept).doesNotExist();

            done(driver, service.powerOn(OPERATOR, uuid, RequestKey.NONE));
            done(driver, service.resize(OPERATOR, uuid, larger, RequestKey.NONE));
            assertThat(service.show(uuid).state()).isEqualTo("running");
            done(driver, service.confirmResize(OPERATOR, uuid, RequestKey.NONE));
            assertThat(kept).doesNotExist();

            ResizeRequest online = new ResizeRequest(flavor(2, 3), true, false);
            done(driver, service.resize(OPERATOR, uuid, online, RequestKey.NONE));
            assertThat(service.show(uuid).state()).isEqualTo("running");
            done(driver, service.stop(OPERATOR, uuid, RequestKey.NONE));
            assertThat(size(disk, imagesType)).isEqualTo(3L << 30);
            done(driver, service.delete(OPERATOR, uuid, RequestKey.NONE));
            assertThat(bridge.instances().resolve(uuid)).doesNotExist();
        }
    }
}
