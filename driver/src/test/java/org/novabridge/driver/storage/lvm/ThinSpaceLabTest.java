package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskInventory;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.StorageSpace;
import org.novabridge.driver.policy.InventoryPolicy;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/** What is reported of a real group and pool is what vgs and lvs say, and what placement gives of it is admitted. */
@Tag("lab")
class ThinSpaceLabTest {
    private static final String FIRST = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String SECOND = "22222222-aaaa-4bbb-8ccc-000000000002";
    private static final String THICK = "33333333-aaaa-4bbb-8ccc-000000000003";
    private static final String DIGEST = "0123456789abcdef0123456789abcdef01234567";
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final Path[] DISKS = {Lab.disk(0), Lab.disk(1), Lab.disk(2), Lab.disk(3)};

    @TempDir
    static Path folder;

    @BeforeAll
    static void pool() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Lab.clean();
        VolumeGroupBootstrap.of(config(), Lab.EXECUTOR).apply();
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    private static ConfigSnapshot config() {
        return Lab.thinConfig(DISKS)
                .set(BridgeOptions.STATE_PATH, folder.resolve("state").toString())
                .set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "85%")
                .build();
    }

    private static long asked(String program, String field, String what) {
        return Long.parseLong(Lab.sh(program, "--noheadings", "--units", "b", "--nosuffix", "-o", field, what)
                .stdout()
                .strip());
    }

    private static long sizeOf(String volume) {
        return asked("lvs", "lv_size", Lab.GROUP + "/" + volume);
    }

    private static CachedImage image() throws IOException {
        Path base = folder.resolve(DIGEST);
        byte[] data = new byte[(int) (8 * MIB)];
        new Random(7).nextBytes(data);
        try (RandomAccessFile file = new RandomAccessFile(base.toFile(), "rw")) {
            file.setLength(64 * MIB);
            file.write(data);
        }
        return new CachedImage("image-1", base, "raw", 64 * MIB);
    }

    @Test
    void theSumsAreLvmsAndPlacementIsNeverRefused() throws IOException {
        ThinBackend thin = new ThinBackend(config(), Lab.EXECUTOR, FileOwner.ofThisHost());
        thin.create(FIRST, "disk", new DiskContent.FromImage(image(), 128 * MIB), Progress.NONE);
        LvmBackend thick = new LvmBackend(config(), Lab.EXECUTOR, FileOwner.ofThisHost());
        thick.create(THICK, "disk", new DiskContent.Blank(4 * MIB), Progress.NONE);
        Lab.sh("lvcreate", "--yes", "--size", "4M", "--name", "nb-wipe-0123", Lab.GROUP);

        VolumeGroupSpace space = VolumeGroupSpace.of(config(), Lab.EXECUTOR);
        List<StorageSpace> all = space.all();
        assertThat(all).extracting(StorageSpace::name).containsExactly("nova", "nova/nova-pool");
        StorageSpace group = all.get(0);
        assertThat(group.total()).isEqualTo(asked("vgs", "vg_size", Lab.GROUP));
        assertThat(group.free()).isEqualTo(asked("vgs", "vg_free", Lab.GROUP));
        assertThat(group.used()).isEqualTo(group.total() - group.free());
        assertThat(group.guests()).isEqualTo(sizeOf(THICK + "_disk"));
        assertThat(group.reserved())
                .isEqualTo(group.used() - 4 * MIB)
                .isGreaterThanOrEqualTo(sizeOf("nova-pool") + sizeOf("nb-wipe-0123"));
        StorageSpace pool = space.ofNewDisks(all, true);
        assertThat(pool.total()).isEqualTo(sizeOf("nova-pool")).isBetween(2 * GIB, 3 * GIB);
        assertThat(pool.guests()).isEqualTo(sizeOf(FIRST + "_disk")).isEqualTo(128 * MIB);
        // LVM says how full a volume or pool is to a hundredth of a percent.
        assertThat(pool.reserved()).isCloseTo(8 * MIB, within(64 * MIB / 10_000));
        assertThat(pool.used()).isCloseTo(8 * MIB, within(pool.total() / 10_000));
        assertThat(pool.used() + pool.free()).isEqualTo(pool.total());

        DiskInventory inventory = InventoryPolicy.inventory(config(), pool).orElseThrow();
        assertThat(inventory.total()).isEqualTo(2);
        assertThat(inventory.reserved()).isEqualTo(1);
        assertThat(inventory.allocationRatio()).isEqualTo(1.0);
        thin.remove(FIRST, "disk", Progress.NONE);
        thin.create(FIRST, "disk", new DiskContent.Blank(GIB), Progress.NONE);
        // Placement would give no more, and the pool hardly does.
        assertThatThrownBy(() -> thin.create(SECOND, "disk", new DiskContent.Blank(2 * GIB), Progress.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
    }
}
