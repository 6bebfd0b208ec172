package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.ImageCacheOptions;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/** How long base images stay in a real pool, and that their loss harms no guest. */
@Tag("lab")
class ThinBasesLabTest {
    private static final String FIRST = "11111111-aaaa-4bbb-8ccc-000000000001";
    private static final String SECOND = "22222222-aaaa-4bbb-8ccc-000000000002";
    private static final String DIGEST = "0123456789abcdef0123456789abcdef01234567";
    private static final String BASE = "nb-base-" + DIGEST;
    private static final long MIB = 1 << 20;
    private static final String SIZED = BASE + "-" + 32 * MIB;
    private static final Path DISK = Lab.disk(1);
    private static final Duration AGE = Duration.ofHours(1);

    @TempDir
    Path folder;

    @BeforeAll
    static void pool() {
        Lab.clean();
        Lab.initThin(DISK);
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    @BeforeEach
    void searchable() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void removeAll() {
        Lab.removeThin();
    }

    private ConfigSnapshot config() {
        return Lab.thinConfig(DISK)
                .set(BridgeOptions.STATE_PATH, folder.resolve("state").toString())
                .set(ImageCacheOptions.REMOVE_UNUSED_ORIGINAL_MINIMUM_AGE_SECONDS, (int) AGE.toSeconds())
                .build();
    }

    private ThinBackend backend() {
        return new ThinBackend(config(), Lab.EXECUTOR, FileOwner.ofThisHost());
    }

    private BaseAging aging() {
        return BaseAging.of(config(), Lab.EXECUTOR).orElseThrow();
    }

    private static Path device(String uuid) {
        return LvmNames.device(Lab.GROUP, LvmNames.volume(uuid, "disk"));
    }

    private static boolean there(String volume) {
        return Lab.report().volume(Lab.GROUP, volume).isPresent();
    }

    private CachedImage image() throws IOException {
        Path base = folder.resolve(DIGEST);
        byte[] data = new byte[(int) MIB];
        new Random(5).nextBytes(data);
        try (RandomAccessFile file = new RandomAccessFile(base.toFile(), "rw")) {
            file.setLength(16 * MIB);
            file.write(data);
        }
        return new CachedImage("image-1", base, "raw", 16 * MIB);
    }

    private void create(String guest, CachedImage image) {
        backend().create(guest, "disk", new DiskContent.FromImage(image, 32 * MIB), Progress.NONE);
    }

    @Test
    void aBaseGoesWhenItsLastCloneIsGoneAndItsAgeIsOver() throws IOException {
        CachedImage image = image();
        backend().warm(image, Progress.NONE);
        assertThat(there(BASE)).as("made before a guest needs it").isTrue();
        create(FIRST, image);
        create(SECOND, image);
        Instant later = Instant.now().plus(AGE).plusSeconds(60);
        // No instance is known to have the image: the clones alone keep what they are of, and keep it young.
        assertThat(aging().unused(Set.of(), later)).containsExactly(BASE);
        backend().remove(FIRST, "disk", Progress.NONE);
        assertThat(aging().unused(Set.of(), later)).containsExactly(BASE);
        assertThat(aging().remove(SIZED, later.plus(AGE))).isFalse();
        backend().remove(SECOND, "disk", Progress.NONE);
        assertThat(aging().unused(Set.of(), later.plusSeconds(60))).containsExactly(BASE);

        Instant old = later.plus(AGE);
        assertThat(aging().unused(Set.of(image.base()), later)).isEmpty();
        assertThat(aging().unused(Set.of(), old)).containsExactlyInAnyOrder(BASE, SIZED);
        // The setting that makes LVM ask before each removal.
        Lab.sh("sh", "-c", "printf 'devices { issue_discards = 1 }\n' > /etc/lvm/lvmlocal.conf");
        try {
            // The origin first, which thin volumes do not need.
            assertThat(aging().remove(BASE, old)).isTrue();
            assertThat(aging().remove(SIZED, old)).isTrue();
        } finally {
            Lab.sh("rm", "/etc/lvm/lvmlocal.conf");
        }
        assertThat(there(BASE)).isFalse();
        assertThat(there(SIZED)).isFalse();
        create(FIRST, image);
        assertThat(Arrays.mismatch(Lab.read(device(FIRST), 0, 16 * MIB), Files.readAllBytes(image.base())))
                .isEqualTo(-1);
    }

    /** One bit of the pool's own device, below all volumes: LVM and device-mapper know nothing of it. */
    @Test
    void aBaseThatTheDevicesHaveChangedIsFound() throws IOException {
        CachedImage image = image();
        create(FIRST, image);
        for (String base : List.of(BASE, SIZED)) {
            assertThat(Lab.report().volume(Lab.GROUP, base).flatMap(LogicalVolume::checksum))
                    .as(base)
                    .contains(BaseChecksumTest.expected(Files.readAllBytes(image.base())));
        }
        VolumeGroups groups = VolumeGroups.of(config(), Lab.EXECUTOR);
        assertThat(groups.checkBases(Progress.NONE)).isEmpty();
        assertThat(List.of(BASE, SIZED)).noneMatch(ThinBasesLabTest::active);

        // Left active by a check that was killed; the start of the bridge and the next check take it away.
        activate(BASE);
        backend().tidyBases();
        assertThat(active(BASE)).isFalse();
        activate(BASE);
        flip(Files.readAllBytes(image.base()));
        assertThat(groups.checkBases(Progress.NONE)).hasSize(2).allSatisfy(finding -> {
            assertThat(finding.severity()).isEqualTo(VolumeGroupFinding.Severity.WARNING);
            assertThat(finding.sentence()).contains("does not hold what it was made with");
            assertThat(finding.remedy()).contains("lvremove " + Lab.GROUP + "/" + BASE);
        });
        assertThat(List.of(BASE, SIZED)).noneMatch(ThinBasesLabTest::active);
        assertThat(VolumeGroups.of(config(), Lab.EXECUTOR).status().bases())
                .extracting(VolumeGroupStatus.Base::checksum)
                .doesNotContainNull()
                .hasSize(2);

        // As the remedy says: no guest needs it, and the next one's is right.
        Lab.sh("lvremove", "--yes", "--force", Lab.GROUP + "/" + BASE, Lab.GROUP + "/" + SIZED);
        create(SECOND, image);
        assertThat(groups.checkBases(Progress.NONE)).isEmpty();
    }

    private static void activate(String base) {
        Lab.sh("lvchange", "--yes", "--activate", "y", "--ignoreactivationskip", Lab.GROUP + "/" + base);
    }

    /** Changes the image's first piece wherever it is on the physical volume; bases of before may have left it, too. */
    private static void flip(byte[] image) throws IOException {
        byte[] wanted = Arrays.copyOf(image, BaseChecksum.PIECE);
        int found = 0;
        try (FileChannel disk =
                FileChannel.open(DISK, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.SYNC)) {
            for (long at = 0; at < disk.size(); at += BaseChecksum.PIECE) {
                ByteBuffer piece = ByteBuffer.allocate(BaseChecksum.PIECE);
                disk.read(piece, at);
                if (Arrays.equals(piece.array(), wanted)) {
                    disk.write(ByteBuffer.wrap(new byte[] {(byte) (wanted[7] ^ 1)}), at + 7);
                    found++;
                }
            }
        }
        assertThat(found).as("places of the image on " + DISK).isPositive();
    }

    private static boolean active(String volume) {
        return Lab.report().volume(Lab.GROUP, volume).orElseThrow().active();
    }

    /** As a host that starts does it (lvm2-activation, udev): what asks to be skipped has no device afterwards. */
    @Test
    void aBootBringsTheDisksOfGuestsBackAndNothingElse() throws IOException {
        CachedImage image = image();
        create(FIRST, image);
        backend().create(FIRST, "disk.eph0", new DiskContent.Blank(8 * MIB), Progress.NONE);
        backend().kept().orElseThrow().keep(FIRST, "disk", Progress.NONE);
        Recorded.picture(backend(), FIRST, SECOND);
        Lab.touchSectors(device(FIRST), 32 * MIB, 32 * MIB, 20 * MIB);

        Lab.sh("vgchange", "--activate", "n", Lab.GROUP);
        assertThat(active(FIRST + "_disk")).isFalse();
        assertThat(device(FIRST)).doesNotExist();
        Lab.sh("vgchange", "--activate", "ay", Lab.GROUP);
        Lab.tidy("udevadm", "settle");

        assertThat(List.of(FIRST + "_disk", FIRST + "_disk.eph0")).allMatch(ThinBasesLabTest::active);
        assertThat(List.of(BASE, SIZED, "nb-keep-" + FIRST + "_disk", "nb-snap-" + SECOND))
                .noneMatch(ThinBasesLabTest::active);
        assertThat(Arrays.mismatch(Lab.read(device(FIRST), 0, 16 * MIB), Files.readAllBytes(image.base())))
                .isEqualTo(-1);
        assertThat(Lab.firstNonZero(device(FIRST), 16 * MIB, 32 * MIB)).isEqualTo(20 * MIB);
        Lab.touchSectors(device(FIRST), 32 * MIB, 32 * MIB, 18 * MIB);
        assertThat(Lab.firstNonZero(device(FIRST), 16 * MIB, 32 * MIB)).isEqualTo(18 * MIB);
        // And the base is still one that guests are made of.
        create(SECOND, image);
        assertThat(active(SECOND + "_disk")).isTrue();
    }

    /** A snapshot that an operator has made by hand counts as much as a guest's. */
    @Test
    void theOriginOfAForeignVolumeStays() throws IOException {
        create(FIRST, image());
        backend().remove(FIRST, "disk", Progress.NONE);
        Lab.sh("lvcreate", "--yes", "--snapshot", "--name", "by-hand", Lab.GROUP + "/" + BASE);
        Instant old = Instant.now().plus(AGE).plusSeconds(60);
        assertThat(aging().remove(BASE, old)).isFalse();
        assertThat(aging().unused(Set.of(), old)).containsExactly(SIZED);
        assertThat(there(BASE)).isTrue();
    }

    /** What our look could miss, since it came in between, LVM itself refuses: nobody answers its question. */
    @Test
    void lvmDoesNotRemoveAnActiveBaseForUs() throws IOException {
        create(FIRST, image());
        activate(BASE);
        assertThatThrownBy(
                        () -> Lab.EXECUTOR.run(new LvmCommands(Duration.ofMinutes(1)).removeInactive(Lab.GROUP, BASE)))
                .isInstanceOf(CommandFailedException.class);
        assertThat(there(BASE)).isTrue();
    }

    @Test
    void aFillThatACrashHasLeftIsRemovedByTheNextRunAsWell() {
        Lab.EXECUTOR.run(new LvmCommands(Duration.ofMinutes(1))
                .createThin(Lab.GROUP, "nova-pool", "nb-fill-" + DIGEST, 8 * MIB));
        List<String> unused = aging().unused(Set.of(), Instant.now());
        assertThat(unused).containsExactly("nb-fill-" + DIGEST);
        assertThat(aging().remove(unused.get(0), Instant.now())).isTrue();
        assertThat(there("nb-fill-" + DIGEST)).isFalse();
    }

    /**
     * Nova, asked once more for the disk of a guest whose base has left the cache, fails to create the volume and then
     * removes the one that is there (imagebackend.py 26.2.2, remove_volume_on_error).
     */
    @Test
    void theLossOfABaseHarmsNoGuestWhateverIsAskedAfterwards() throws IOException {
        CachedImage image = image();
        byte[] wanted = Files.readAllBytes(image.base());
        create(FIRST, image);
        Lab.touchSectors(device(FIRST), 32 * MIB, 32 * MIB, 20 * MIB);

        Lab.sh("lvremove", "--yes", "--force", Lab.GROUP + "/" + BASE, Lab.GROUP + "/" + SIZED);
        assertThatThrownBy(() -> create(FIRST, image))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("exists already");
        assertThat(there(BASE)).isFalse();
        create(SECOND, image);

        assertThat(there(BASE)).isTrue();
        assertThat(Arrays.mismatch(Lab.read(device(SECOND), 0, 16 * MIB), wanted))
                .isEqualTo(-1);
        assertThat(Arrays.mismatch(Lab.read(device(FIRST), 0, 16 * MIB), wanted))
                .isEqualTo(-1);
        assertThat(Lab.firstNonZero(device(FIRST), 16 * MIB, 32 * MIB)).isEqualTo(20 * MIB);
        // And the one that lost its origin is removed as any other.
        backend().remove(FIRST, "disk", Progress.NONE);
        assertThat(there(FIRST + "_disk")).isFalse();
    }
}
