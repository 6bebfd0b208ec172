package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.VolumeCensus.Role;
import org.novabridge.driver.storage.lvm.VolumeCensus.Volume;

/** That real LVM says of each volume what the census takes it for, and that what it removes is gone. */
@Tag("lab")
class VolumeCensusLabTest {
    private static final String THIN = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String THICK = "22222222-aaaa-4bbb-8ccc-000000000002";
    private static final String OPERATION = "33333333-aaaa-4bbb-8ccc-000000000003";
    private static final String DIGEST = "0123456789abcdef0123456789abcdef01234567";
    private static final long MIB = 1 << 20;
    private static final String GROWN = "nb-base-" + DIGEST + "-" + 8 * MIB;
    private static final Path DISK = Lab.disk(1);

    @TempDir
    Path folder;

    @BeforeAll
    static void pool() {
        Lab.clean();
        VolumeGroupBootstrap.of(config().build(), Lab.EXECUTOR).apply();
    }

    /** Room beside the pool, for what is thick. */
    private static ConfigSnapshot.Builder config() {
        return Lab.thinConfig(DISK).set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "50%");
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    @Test
    void whatWeMakeIsOursAndGoesAndTheRestStays() throws IOException {
        Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        ConfigSnapshot config = config().set(
                        BridgeOptions.STATE_PATH, folder.resolve("state").toString())
                .build();
        ThinBackend thin = new ThinBackend(config, Lab.EXECUTOR, FileOwner.ofThisHost());
        LvmBackend thick = new LvmBackend(config, Lab.EXECUTOR, FileOwner.ofThisHost());
        Path image = folder.resolve(DIGEST);
        Files.write(image, new byte[(int) (4 * MIB)]);
        thin.create(
                THIN,
                "disk",
                new DiskContent.FromImage(new CachedImage("image-1", image, "raw", 4 * MIB), 8 * MIB),
                Progress.NONE);
        thin.kept().orElseThrow().keep(THIN, "disk", Progress.NONE);
        Recorded.picture(thin, THIN, OPERATION);
        thick.create(THICK, "disk", new DiskContent.Blank(8 * MIB), Progress.NONE);
        Lab.sh("lvcreate", "--yes", "--size", "4M", "--name", THICK + "_disk.byhand", Lab.GROUP);
        Lab.sh("lvcreate", "--yes", "--size", "4M", "--name", "root", Lab.GROUP);

        VolumeCensus census = VolumeCensus.of(config, Lab.EXECUTOR).orElseThrow();
        List<Volume> volumes = census.take(Set.of());
        assertThat(volumes)
                .extracting(Volume::name, Volume::role, Volume::ours, Volume::inUse)
                .containsExactlyInAnyOrder(
                        tuple(THIN + "_disk", Role.DISK, true, false),
                        tuple("nb-keep-" + THIN + "_disk", Role.KEPT, true, false),
                        tuple("nb-snap-" + OPERATION, Role.SNAPSHOT, true, false),
                        // The disk comes from what was grown of it for disks of this size.
                        tuple("nb-base-" + DIGEST, Role.BASE, true, false),
                        tuple(GROWN, Role.BASE, true, true),
                        tuple(THICK + "_disk", Role.DISK, true, false),
                        tuple(THICK + "_disk.byhand", Role.DISK, false, false),
                        tuple("root", Role.OTHER, false, false));

        volumes.stream()
                .filter(volume -> volume.ours() && volume.role() != Role.BASE)
                .forEach(volume -> census.remove(volume, Progress.NONE));
        List<Volume> left = census.take(Set.of());
        assertThat(left)
                .extracting(Volume::name, Volume::inUse)
                .containsExactlyInAnyOrder(
                        tuple("nb-base-" + DIGEST, false),
                        tuple(GROWN, false),
                        tuple(THICK + "_disk.byhand", false),
                        tuple("root", false));
        left.stream()
                .filter(volume -> volume.role() == Role.BASE)
                .forEach(volume -> census.remove(volume, Progress.NONE));
        assertThat(census.take(Set.of())).extracting(Volume::role).containsExactlyInAnyOrder(Role.DISK, Role.OTHER);
    }

    private static org.assertj.core.groups.Tuple tuple(Object... values) {
        return org.assertj.core.api.Assertions.tuple(values);
    }
}
