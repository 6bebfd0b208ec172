package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/** Thin pools on real device-mapper: clones of an image, other tenants' blocks, a full pool. */
@Tag("lab")
class ThinLabTest {
    private static final String FIRST = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String SECOND = "22222222-aaaa-4bbb-8ccc-000000000002";
    private static final String DIGEST = "0123456789abcdef0123456789abcdef01234567";
    private static final long MIB = 1 << 20;
    private static final Path DISK = Lab.disk(2);

    @TempDir
    Path folder;

    @BeforeAll
    static void pool() throws IOException {
        Lab.clean();
        Lab.fillWithPattern(DISK);
        Lab.initThin(DISK);
    }

    @BeforeEach
    void searchable() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    @AfterEach
    void removeAll() {
        Lab.removeThin();
    }

    private static ThinBackend backend(ConfigSnapshot config) {
        return new ThinBackend(config, Lab.EXECUTOR, FileOwner.ofThisHost());
    }

    private static ThinBackend backend() {
        return backend(Lab.thinConfig(DISK).build());
    }

    private static Path device(String uuid, String disk) {
        return LvmNames.device(Lab.GROUP, LvmNames.volume(uuid, disk));
    }

    private static ThinPool state() {
        return Lab.report().pool(Lab.GROUP, "nova-pool").orElseThrow();
    }

    /** 64 MiB with 2 MiB of data in it. */
    private CachedImage image() throws IOException {
        Path base = folder.resolve(DIGEST);
        byte[] data = new byte[(int) MIB];
        new Random(3).nextBytes(data);
        try (RandomAccessFile file = new RandomAccessFile(base.toFile(), "rw")) {
            file.setLength(64 * MIB);
            file.write(data);
            file.seek(40 * MIB);
            file.write(data);
        }
        return new CachedImage("image-1", base, "raw", 64 * MIB);
    }

    @Test
    void initMadeThePoolAsItShouldBe() {
        ThinPool pool = state();
        assertThat(pool.zeroing()).isTrue();
        assertThat(pool.errorWhenFull()).isTrue();
        assertThat(pool.chunk()).isEqualTo(64 << 10);
        assertThat(pool.metadataSize()).isGreaterThanOrEqualTo(4 * MIB);
        assertThat(pool.size()).isGreaterThan(600 * MIB);
        // Once more changes nothing.
        assertThat(VolumeGroupBootstrap.of(Lab.thinConfig(DISK).build(), Lab.EXECUTOR)
                        .apply()
                        .done())
                .isTrue();
        assertThat(VolumeGroups.of(Lab.thinConfig(DISK).build(), Lab.EXECUTOR).check())
                .noneMatch(finding -> finding.severity() == VolumeGroupFinding.Severity.UNUSABLE);
    }

    @Test
    void aRootDiskIsASnapshotThatTakesNoSpaceOfItsOwn() throws IOException {
        CachedImage image = image();
        backend().create(FIRST, "disk", new DiskContent.FromImage(image, 256 * MIB), Progress.NONE);
        ThinPool after = state();
        LogicalVolume base = after.volume("nb-base-" + DIGEST).orElseThrow();
        assertThat(base.active()).isFalse();
        assertThat(base.attributes()).startsWith("Vri");
        // Only the data of the image has blocks; LVM says how many to a hundredth of a percent.
        assertThat(base.allocated()).isCloseTo(2 * MIB, within(64 * MIB / 10_000));

        backend().create(SECOND, "disk", new DiskContent.FromImage(image, 256 * MIB), Progress.NONE);

        ThinPool both = state();
        assertThat(both.dataPercent()).isEqualTo(after.dataPercent());
        byte[] wanted = Files.readAllBytes(image.base());
        for (String guest : List.of(FIRST, SECOND)) {
            assertThat(Lab.size(device(guest, "disk"))).isEqualTo(256 * MIB);
            assertThat(Arrays.mismatch(Lab.read(device(guest, "disk"), 0, 64 * MIB), wanted))
                    .isEqualTo(-1);
            assertThat(Lab.firstNonZero(device(guest, "disk"), 64 * MIB, 256 * MIB))
                    .isEqualTo(-1);
        }
    }

    /** What one guest writes reaches neither the base nor its sibling; the base's loss reaches nobody. */
    @Test
    void clonesAreIndependentOfEachOtherAndOfTheBase() throws IOException {
        CachedImage image = image();
        backend().create(FIRST, "disk", new DiskContent.FromImage(image, 64 * MIB), Progress.NONE);
        Lab.fillWithPattern(device(FIRST, "disk"));
        backend().create(SECOND, "disk", new DiskContent.FromImage(image, 64 * MIB), Progress.NONE);
        assertThat(Lab.sectorsWithPattern(device(SECOND, "disk"))).isZero();

        Lab.sh("lvremove", "--yes", "--force", Lab.GROUP + "/nb-base-" + DIGEST);

        assertThat(Arrays.mismatch(Lab.read(device(SECOND, "disk"), 0, 64 * MIB), Files.readAllBytes(image.base())))
                .isEqualTo(-1);
        assertThat(Lab.sectorsWithPattern(device(FIRST, "disk"))).isEqualTo(64 * MIB / 512);
        // And it comes back with the next guest.
        backend().remove(FIRST, "disk", Progress.NONE);
        backend().create(FIRST, "disk", new DiskContent.FromImage(image, 64 * MIB), Progress.NONE);
        assertThat(state().volume("nb-base-" + DIGEST)).isPresent();
        assertThat(Lab.sectorsWithPattern(device(FIRST, "disk"))).isZero();
    }

    /** Tenant A fills the whole pool and is deleted without a wipe; tenant B reads every block, also of half chunks. */
    @Test
    void nobodyReadsWhatAnotherTenantWrote() throws IOException {
        long size = state().size() / MIB / 4 * 4 * MIB - 16 * MIB;
        backend().create(FIRST, "disk", new DiskContent.Blank(size), Progress.NONE);
        Lab.fillWithPattern(device(FIRST, "disk"));
        assertThat(state().dataPercent()).isGreaterThan(95);
        backend().remove(FIRST, "disk", Progress.NONE);
        assertThat(state().volumes()).isEmpty();

        backend().create(SECOND, "disk", new DiskContent.Blank(size), Progress.NONE);
        Path device = device(SECOND, "disk");
        assertThat(Lab.firstNonZero(device, 0, size)).isEqualTo(-1);
        // One sector in the middle of each second chunk: the rest of the chunk must read as zero.
        Lab.touchSectors(device, size, 128 << 10, 32 << 10);
        assertThat(Lab.sectorsWithPattern(device)).isZero();
        backend().grow(SECOND, "disk", size + 8 * MIB, Progress.NONE);
        assertThat(Lab.sectorsWithPattern(device)).isZero();
    }

    @Test
    void aPoolWithoutZeroingIsRefusedUnlessAllGuestsAreOneTenants() {
        Lab.sh("lvchange", "--yes", "--zero", "n", Lab.GROUP + "/nova-pool");
        try {
            assertThatThrownBy(() -> backend().create(FIRST, "disk", new DiskContent.Blank(MIB), Progress.NONE))
                    .isInstanceOfSatisfying(BridgeException.class, e -> {
                        assertThat(e.code()).isEqualTo(ErrorCode.VOLUME_GROUP_UNUSABLE);
                        assertThat(e.remedy()).contains("lvchange --zero y nova/nova-pool");
                    });
            backend(Lab.thinConfig(DISK)
                            .set(LibvirtOptions.IMAGES_LVM_SINGLE_TENANT, true)
                            .build())
                    .create(FIRST, "disk", new DiskContent.Blank(MIB), Progress.NONE);
        } finally {
            Lab.sh("lvchange", "--yes", "--zero", "y", Lab.GROUP + "/nova-pool");
        }
    }

    @Test
    void whatIsPromisedIsLimitedAndAFullPoolTakesNoGuest() throws IOException {
        long size = state().size();
        assertThatThrownBy(() -> backend().create(FIRST, "disk", new DiskContent.Blank(size + 4 * MIB), Progress.NONE))
                .isInstanceOfSatisfying(BridgeException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL);
                    assertThat(e).hasMessageContaining("images_lvm_max_over_subscription_ratio");
                });
        assertThat(state().volumes()).isEmpty();
        ThinBackend generous = backend(Lab.thinConfig(DISK)
                .set(LibvirtOptions.IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO, 4.0)
                .build());
        generous.create(FIRST, "disk", new DiskContent.Blank(size + 4 * MIB), Progress.NONE);
        Lab.tidy("dd", "if=/dev/urandom", "of=" + device(FIRST, "disk"), "bs=1M", "oflag=direct", "conv=notrunc");
        assertThat(state().health()).isEqualTo("out_of_data");
        assertThatThrownBy(() -> generous.create(SECOND, "disk", new DiskContent.Blank(MIB), Progress.NONE))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
        assertThat(VolumeGroups.of(Lab.thinConfig(DISK).build(), Lab.EXECUTOR).check())
                .anyMatch(finding -> finding.severity() == VolumeGroupFinding.Severity.UNUSABLE
                        && finding.sentence().contains("out_of_data"));
        generous.remove(FIRST, "disk", Progress.NONE);
        generous.create(SECOND, "disk", new DiskContent.Blank(MIB), Progress.NONE);
    }

    /** The base is filled once, whoever comes first; all get their disk. */
    @Test
    void guestsOfOneImageAtOnceShareOneBase() throws IOException {
        CachedImage image = image();
        List<String> guests = IntStream.range(0, 6)
                .mapToObj(i -> "33333333-aaaa-4bbb-8ccc-00000000000" + i)
                .toList();
        guests.parallelStream()
                .forEach(guest ->
                        backend().create(guest, "disk", new DiskContent.FromImage(image, 64 * MIB), Progress.NONE));
        byte[] wanted = Files.readAllBytes(image.base());
        for (String guest : guests) {
            assertThat(Arrays.mismatch(Lab.read(device(guest, "disk"), 0, 64 * MIB), wanted))
                    .isEqualTo(-1);
        }
        assertThat(state().volumes().stream().filter(LogicalVolume::base)).hasSize(1);
    }

    @Test
    void aFillThatACrashHasLeftIsRemovedAtTheStart() {
        LvmCommands commands = new LvmCommands(java.time.Duration.ofMinutes(1));
        Lab.EXECUTOR.run(commands.createThin(Lab.GROUP, "nova-pool", "nb-fill-" + DIGEST, 8 * MIB));
        backend().tidyBases();
        assertThat(state().volumes()).isEmpty();
    }

    @Test
    void releaseRemovesBasesAndLeavesGuestsAlone() throws IOException {
        CachedImage image = image();
        backend().create(FIRST, "disk", new DiskContent.FromImage(image, 64 * MIB), Progress.NONE);
        VolumeGroups groups = VolumeGroups.of(Lab.thinConfig(DISK).build(), Lab.EXECUTOR);
        assertThat(groups.planRelease())
                .containsExactlyInAnyOrder(
                        "lvremove --yes --force nova/nb-base-" + DIGEST,
                        "lvchange --yes --deltag nova-bridge nova/" + FIRST + "_disk nova/nova-pool",
                        "vgchange --deltag nova-bridge nova");
        try {
            groups.release(Progress.NONE);
            assertThat(state().volumes()).extracting(LogicalVolume::name).containsExactly(FIRST + "_disk");
            assertThat(Arrays.mismatch(Lab.read(device(FIRST, "disk"), 0, 64 * MIB), Files.readAllBytes(image.base())))
                    .isEqualTo(-1);
        } finally {
            Lab.sh("vgchange", "--addtag", "nova-bridge", Lab.GROUP);
            Lab.sh("lvchange", "--addtag", "nova-bridge", Lab.GROUP + "/nova-pool");
        }
    }
}
