package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Which files of Nova's own driver are taken over as the disks that its domain calls them. */
class TakeableDiskTest {
    private static final String UUID = "3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11";

    @TempDir
    Path outside;

    private Path instances;
    private Path disk;

    @BeforeEach
    void make() throws IOException {
        instances = outside.resolve("instances");
        disk = Files.createDirectories(instances.resolve(UUID)).resolve("disk");
        Files.writeString(disk, "whatever a guest has written");
    }

    private ImageBackend backend(String name) {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, instances.toString())
                .build();
        return ImageBackends.of(config, new ProcessExecutor(), FileOwner.ofThisHost(), new DiskKeys(Clock.systemUTC()))
                .find(name)
                .orElseThrow();
    }

    private void refused(String backend, String format, ErrorCode code) {
        assertThatThrownBy(() -> backend(backend).demandTakeable(UUID, "disk", format))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theDomainIsBelievedAsLongAsDiskInfoDoesNotSayElse() throws IOException {
        for (String format : new String[] {"raw", "qcow2"}) {
            assertThatCode(() -> backend(format).demandTakeable(UUID, "disk", format))
                    .doesNotThrowAnyException();
        }
        refused("raw", "qcow2", ErrorCode.INVALID_DISK_FORMAT);
        Files.writeString(disk.resolveSibling("disk.info"), "{\"" + disk + "\": \"raw\"}\n");
        assertThatCode(() -> backend("raw").demandTakeable(UUID, "disk", "raw")).doesNotThrowAnyException();
        refused("qcow2", "qcow2", ErrorCode.INVALID_DISK_INFO);
    }

    /** A guest that runs as raw has written a header of qcow2 into its disk. */
    @Test
    void aHeaderThatAGuestHasWrittenSaysNothing() throws IOException {
        Files.write(disk, new byte[] {'Q', 'F', 'I', (byte) 0xfb, 0, 0, 0, 3});
        assertThatCode(() -> backend("raw").demandTakeable(UUID, "disk", "raw")).doesNotThrowAnyException();
    }

    @Test
    void aLinkIsRefusedWhereverItStands() throws IOException {
        Path secret = Files.writeString(outside.resolve("secret"), "of root");
        Files.delete(disk);
        refused("raw", "raw", ErrorCode.DISK_NOT_FOUND);
        Files.createSymbolicLink(disk, secret);
        refused("raw", "raw", ErrorCode.STORAGE_FAILED);
        Files.delete(disk);
        Files.createLink(disk, secret);
        refused("raw", "raw", ErrorCode.STORAGE_FAILED);

        Path elsewhere = Files.createDirectory(outside.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("disk"), "data");
        Files.delete(disk);
        Files.delete(instances.resolve(UUID));
        Files.createSymbolicLink(instances.resolve(UUID), elsewhere);
        refused("raw", "raw", ErrorCode.STORAGE_FAILED);
    }
}
