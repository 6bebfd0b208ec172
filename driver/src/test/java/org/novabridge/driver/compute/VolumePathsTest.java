package org.novabridge.driver.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;

/** What of this host may be a volume. The device is one that every machine has; what lies on it is told. */
class VolumePathsTest {
    private static final Path DEVICE = Path.of("/dev/loop7");

    @TempDir
    Path root;

    private Path shares;
    private VolumePaths paths;

    @BeforeEach
    void make() throws IOException {
        shares = Files.createDirectories(root.resolve("mnt"));
        write("proc/self/mountinfo", "21 1 8:2 / / rw - ext4 /dev/no-such rw\n");
        write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
        paths = new VolumePaths(() -> shares, () -> Optional.of("nova-vg"), root.resolve("proc"), root.resolve("sys"));
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private ThrowingCallable asked(DiskSource source) {
        return () -> paths.demand(Volumes.planned("vdb", source));
    }

    private void refused(DiskSource source, ErrorCode code, String why) {
        assertThatThrownBy(asked(source)).isInstanceOfSatisfying(BridgeException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).contains(why);
        });
    }

    @Test
    void aFileLiesBelowTheFolderOfShares() throws IOException {
        write("mnt/hash/volume-1", "");
        Path volume = shares.resolve("hash/volume-1");
        assertThatCode(asked(new DiskSource.FileSource(volume))).doesNotThrowAnyException();
        refused(new DiskSource.FileSource(Path.of("/etc/passwd")), ErrorCode.FORBIDDEN, "/etc/passwd");
        refused(new DiskSource.FileSource(shares.resolve("hash")), ErrorCode.FORBIDDEN, "plain file");
        refused(new DiskSource.FileSource(shares.resolve("hash/none")), ErrorCode.DISK_NOT_FOUND, "hash/none");
    }

    /** The shim's user commands that folder. */
    @Test
    void noLinkLeadsOutOfIt() throws IOException {
        write("secret", "");
        Path link = Files.createSymbolicLink(shares.resolve("link"), root.resolve("secret"));
        refused(new DiskSource.FileSource(link), ErrorCode.FORBIDDEN, "plain file");
        Path inside = Files.createSymbolicLink(shares.resolve("folder"), root);
        refused(new DiskSource.FileSource(inside.resolve("secret")), ErrorCode.FORBIDDEN, "plain file");
        Path second = Files.createLink(shares.resolve("second"), root.resolve("secret"));
        refused(new DiskSource.FileSource(second), ErrorCode.FORBIDDEN, "one name");
    }

    @Test
    void aDeviceIsOne() {
        refused(new DiskSource.BlockSource(Path.of("/dev/null")), ErrorCode.FORBIDDEN, "no block device");
        refused(new DiskSource.BlockSource(Path.of("/dev/none")), ErrorCode.DISK_NOT_FOUND, "/dev/none");
    }

    @Test
    void aNetworkVolumeHasNoPath() {
        assertThatCode(asked(new DiskSource.NetworkSource("rbd", "pool/v", List.of(), null)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                            | -                                            | -",
                "proc/self/mountinfo          | 30 1 7:7 / /mnt rw - ext4 /dev/x rw           | mounted",
                "proc/self/mountinfo          | 30 1 0:40 / /mnt rw - btrfs /dev/loop7 rw     | mounted",
                "proc/swaps                   | /dev/loop7 partition 1 0 -1                   | swap",
                "sys/dev/block/7:7/p1/dev     | 259:1                                        | mounted",
                "sys/dev/block/7:7/holders/dm-0/dev | 253:0                                  | physical volume",
            })
    void aDeviceThatThisHostNeedsIsNoVolume(String file, String line, String why) throws IOException {
        assumeTrue(Files.exists(DEVICE), "no " + DEVICE);
        if (file == null) {
            assertThatCode(asked(new DiskSource.BlockSource(DEVICE))).doesNotThrowAnyException();
            return;
        }
        write("sys/dev/block/7:7/p1/partition", "1\n");
        write("sys/dev/block/253:0/dm/uuid", "LVM-abc\n");
        if (why.equals("mounted") && file.startsWith("sys")) {
            write("proc/self/mountinfo", "30 1 259:1 / /boot rw - ext4 /dev/x rw\n");
        }
        write(file, line + "\n");
        refused(new DiskSource.BlockSource(DEVICE), ErrorCode.FORBIDDEN, why);
    }

    /** A logical volume is what Cinder makes on its own host; multipath lies on its paths. */
    @Test
    void whatLiesOnItMayBeAnotherMapping() throws IOException {
        assumeTrue(Files.exists(DEVICE), "no " + DEVICE);
        write("sys/dev/block/7:7/dm/uuid", "LVM-abc\n");
        write("sys/dev/block/7:7/holders/dm-1/dev", "253:1\n");
        write("sys/dev/block/253:1/dm/uuid", "mpath-abc\n");
        assertThatCode(asked(new DiskSource.BlockSource(DEVICE))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "nova--vg-6f70656e--7374--4163--8b00--000000000001_disk, true",
        "nova--vg-nb--base--x, true",
        "nova--vg--2-volume, false",
        "cinder-volume, false"
    })
    void aDiskOfAnotherGuestIsNoVolume(String name, boolean refused) throws IOException {
        assumeTrue(Files.exists(DEVICE), "no " + DEVICE);
        write("sys/dev/block/7:7/dm/uuid", "LVM-abc\n");
        write("sys/dev/block/7:7/dm/name", name + "\n");
        if (refused) {
            refused(new DiskSource.BlockSource(DEVICE), ErrorCode.FORBIDDEN, "guests' own disks");
        } else {
            assertThatCode(asked(new DiskSource.BlockSource(DEVICE))).doesNotThrowAnyException();
        }
    }
}
