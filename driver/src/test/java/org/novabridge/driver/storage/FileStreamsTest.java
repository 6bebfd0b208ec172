package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.exec.RecordingExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.raw.RawBackend;

/** Disks in files on their way: what has a block is found, and what arrives begins as one hole. */
class FileStreamsTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000013";
    private static final long MIB = 1 << 20;

    @TempDir
    Path instances;

    private DiskStreams streams;

    @BeforeEach
    void open() {
        streams = new RawBackend(
                        ConfigSnapshot.builder()
                                .set(DefaultOptions.INSTANCES_PATH, instances.toString())
                                .build(),
                        new RecordingExecutor(),
                        FileOwner.ofThisHost())
                .streams()
                .orElseThrow();
    }

    @Test
    void aDiskThatArrivesIsAHoleAndWhatIsWrittenIsFound() throws IOException {
        streams.createZero(GUEST, "disk", 16 * MIB + 1, Progress.NONE);
        assertThat(streams.allocation(GUEST, "disk").bytes()).isZero();
        assertThat(streams.size(GUEST, "disk")).isEqualTo(16 * MIB + 1);
        try (DiskBytes to = streams.openToFill(GUEST, "disk")) {
            to.write(ByteBuffer.wrap(new byte[] {1}), 5 * MIB);
            to.write(ByteBuffer.wrap(new byte[] {2}), 16 * MIB);
            to.flush();
        }
        Allocation found = streams.allocation(GUEST, "disk");
        assertThat(found.size()).isEqualTo(16 * MIB + 1);
        assertThat(found.bytes()).isPositive().isLessThan(MIB);
        assertThat(found.allocated().get(0).from()).isLessThanOrEqualTo(5 * MIB);
        assertThat(found.allocated().get(found.allocated().size() - 1).to()).isEqualTo(16 * MIB + 1);
    }

    @Test
    void anExistingDiskIsNotOverwritten() throws IOException {
        Files.createDirectories(instances.resolve(GUEST));
        Files.writeString(instances.resolve(GUEST).resolve("disk"), "data");
        assertThatThrownBy(() -> streams.createZero(GUEST, "disk", MIB, Progress.NONE))
                .isInstanceOf(BridgeException.class);
        assertThat(instances.resolve(GUEST).resolve("disk")).hasContent("data");
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Files.createDirectories(instances.resolve(GUEST));
        Path secret = Files.writeString(instances.resolve("secret"), "data");
        Files.createSymbolicLink(instances.resolve(GUEST).resolve("disk"), secret);
        assertThatThrownBy(() -> streams.allocation(GUEST, "disk")).isInstanceOf(BridgeException.class);
        assertThatThrownBy(() -> streams.open(GUEST, "disk")).isInstanceOf(BridgeException.class);
    }
}
