package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskKey;
import org.novabridge.driver.storage.DiskKeys;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.Progress;

/** Encrypted disks on real dm-crypt, on extents that were another tenant's. */
@Tag("lab")
class EncryptedLabTest {
    private static final Path DISK = Lab.disk(3);
    private static final long MIB = 1 << 20;
    private static final long IMAGE_BYTES = 4 * MIB;
    private static final long DISK_BYTES = 16 * MIB;
    private static final String TEXT = "what the image of this tenant says. ";
    private static final String VOLUME = Recorded.UUID + "_disk";
    private static final String PICTURE = "99999999-aaaa-4bbb-8ccc-000000000009";
    private static final Path BELOW = Path.of("/dev/nova/" + VOLUME);
    private static final Path MAPPING = Path.of("/dev/mapper/" + VOLUME + "-dmcrypt");

    @TempDir
    Path folder;

    private final DiskKeys keys = new DiskKeys(Clock.systemUTC());
    private CachedImage image;

    /** Thick volumes beside a pool, in one group: a start of LVM takes long here. */
    @BeforeAll
    static void init() {
        Lab.clean();
        VolumeGroupBootstrap.of(
                        Lab.thinConfig(DISK)
                                .set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "50%")
                                .build(),
                        Lab.EXECUTOR)
                .apply();
    }

    @AfterAll
    static void clean() {
        Lab.clean();
    }

    @BeforeEach
    void image() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path file = folder.resolve("0123456789abcdef0123456789abcdef01234567");
        Files.writeString(file, TEXT.repeat((int) (IMAGE_BYTES / TEXT.length()) + 1));
        try (var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
            channel.truncate(IMAGE_BYTES);
        }
        image = new CachedImage("i", file, "raw", IMAGE_BYTES);
    }

    @AfterEach
    void removeAll() {
        Lab.tidy("cryptsetup", "close", "nb-snap-" + PICTURE + "-dmcrypt");
        Lab.tidy("lvremove", "--yes", "--force", Lab.GROUP + "/nb-snap-" + PICTURE);
        Lab.tidy("cryptsetup", "close", MAPPING.getFileName().toString());
        Lab.tidy("lvremove", "--yes", "--force", Lab.GROUP + "/" + VOLUME);
    }

    private void bring(int each) {
        byte[] bytes = new byte[64];
        Arrays.fill(bytes, (byte) each);
        try (DiskKey key = DiskKey.of(bytes)) {
            keys.bring(Recorded.UUID, null, key);
        }
    }

    private EncryptedBackend thick(String format) {
        ConfigSnapshot config = Lab.config(DISK)
                .set(LibvirtOptions.IMAGES_LVM_ENCRYPTION_FORMAT, format)
                .build();
        return new EncryptedBackend(new LvmBackend(config, Lab.EXECUTOR, FileOwner.ofThisHost()), config, keys);
    }

    private EncryptedBackend thin() {
        ConfigSnapshot config = Lab.thinConfig(DISK).build();
        return new EncryptedBackend(new ThinBackend(config, Lab.EXECUTOR, FileOwner.ofThisHost()), config, keys);
    }

    /** Leaves another tenant's text on the extents that the next volume gets. */
    private static void dirty() throws IOException {
        Lab.sh("lvcreate", "--yes", "--size", "64m", "--name", "before", Lab.GROUP);
        Lab.fillWithPattern(Path.of("/dev/nova/before"));
        Lab.sh("lvremove", "--yes", "--force", Lab.GROUP + "/before");
    }

    private void create(EncryptedBackend backend) {
        bring(0xa7);
        backend.create(Recorded.UUID, "disk", new DiskContent.FromImage(image, DISK_BYTES), Progress.NONE);
    }

    private void theDiskIsTheImage(Path device) throws IOException {
        assertThat(Lab.read(device, 0, IMAGE_BYTES)).isEqualTo(Files.readAllBytes(image.base()));
    }

    private static void nothingIsInClear(Path device) throws IOException {
        byte[] bytes = Lab.read(device, 0, Lab.size(device));
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1).contains(TEXT.substring(0, 20)))
                .isFalse();
    }

    private static void refused(Runnable unlocking) {
        assertThatThrownBy(unlocking::run)
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DISK_KEY_REFUSED));
    }

    private static void nothingIsLeft(EncryptedBackend backend) throws IOException {
        backend.remove(Recorded.UUID, "disk", Progress.NONE);
        assertThat(Lab.report().volumes(Lab.GROUP)).noneMatch(volume -> !volume.thinPool());
        try (var mapped = Files.list(Path.of("/dev/mapper"))) {
            assertThat(mapped.map(path -> path.getFileName().toString())).noneMatch(name -> name.endsWith("-dmcrypt"));
        }
    }

    private static void strayWithoutItsInstance() {
        assertThat(new StrayMappings(Lab.EXECUTOR, Lab.GROUP, Recorded.UUID::equals).find())
                .isEmpty();
        assertThat(new StrayMappings(Lab.EXECUTOR, Lab.GROUP, uuid -> false).find())
                .singleElement()
                .satisfies(stray -> {
                    assertThat(stray.name()).isEqualTo(VOLUME + "-dmcrypt");
                    assertThat(stray.volume()).isEqualTo(VOLUME);
                });
    }

    @Test
    void aPlainDiskIsNovasAndIsOpenedByItsKeyAlone() throws IOException {
        dirty();
        EncryptedBackend backend = thick("plain");
        create(backend);
        theDiskIsTheImage(MAPPING);
        strayWithoutItsInstance();
        assertThat(Lab.size(MAPPING)).isEqualTo(DISK_BYTES);
        assertThat(Lab.firstNonZero(MAPPING, IMAGE_BYTES, DISK_BYTES)).isEqualTo(-1);
        nothingIsInClear(BELOW);
        assertThat(Lab.sectorsWithPattern(BELOW)).isZero();
        assertThat(Lab.firstNonZero(BELOW, DISK_BYTES - MIB, DISK_BYTES)).isEqualTo(DISK_BYTES - MIB);

        backend.lock(Recorded.UUID, "disk");
        assertThat(MAPPING).doesNotExist();
        bring(0xa8);
        refused(() -> backend.unlock(Recorded.UUID, "disk"));
        assertThat(MAPPING).doesNotExist();
        stockNovaOpensIt();
        anEmptyInputOpensNothing();
        bring(0xa7);
        backend.unlock(Recorded.UUID, "disk");
        theDiskIsTheImage(MAPPING);
        nothingIsLeft(backend);
    }

    /** nova/privsep/libvirt.py 26.2.2, dmcrypt_create_volume. */
    private void stockNovaOpensIt() throws IOException {
        Lab.EXECUTOR.run(Command.of(
                        Tool.CRYPTSETUP,
                        "create",
                        MAPPING.getFileName().toString(),
                        BELOW.toString(),
                        "--cipher=aes-xts-plain64",
                        "--key-size=512",
                        "--key-file=-")
                .withEffect(Effect.WRITES)
                .withSecretStdin("a7".repeat(64).getBytes(StandardCharsets.US_ASCII)));
        theDiskIsTheImage(MAPPING);
        Lab.sh("cryptsetup", "remove", MAPPING.getFileName().toString());
    }

    /** What a cryptsetup reads whose bridge has died. */
    private static void anEmptyInputOpensNothing() {
        assertThatThrownBy(() -> Lab.EXECUTOR.run(Command.of(
                                Tool.CRYPTSETUP,
                                "--batch-mode",
                                "open",
                                "--type=plain",
                                "--cipher=aes-xts-plain64",
                                "--key-size=512",
                                "--hash=ripemd160",
                                "--keyfile-size=128",
                                "--key-file=-",
                                BELOW.toString(),
                                MAPPING.getFileName().toString())
                        .withEffect(Effect.WRITES)))
                .isInstanceOf(CommandFailedException.class);
        assertThat(MAPPING).doesNotExist();
    }

    @Test
    void aLuks2DiskKnowsItsKey() throws IOException {
        EncryptedBackend backend = thick("luks2");
        create(backend);
        theDiskIsTheImage(MAPPING);
        assertThat(Lab.size(MAPPING)).isEqualTo(DISK_BYTES);
        assertThat(Lab.firstNonZero(MAPPING, IMAGE_BYTES, DISK_BYTES)).isEqualTo(-1);
        nothingIsInClear(BELOW);

        backend.lock(Recorded.UUID, "disk");
        bring(0xa8);
        refused(() -> backend.unlock(Recorded.UUID, "disk"));
        // The header itself refuses it too.
        Lab.report().volume(Lab.GROUP, VOLUME).orElseThrow().tags().stream()
                .filter(tag -> tag.startsWith("nb-key-check="))
                .forEach(tag -> Lab.sh("lvchange", "--deltag", tag, Lab.GROUP + "/" + VOLUME));
        refused(() -> backend.unlock(Recorded.UUID, "disk"));
        bring(0xa7);
        backend.unlock(Recorded.UUID, "disk");
        theDiskIsTheImage(MAPPING);
        nothingIsLeft(backend);
    }

    /** As a guest writes. */
    private static void write(int each, long at) throws IOException {
        byte[] bytes = new byte[(int) MIB];
        Arrays.fill(bytes, (byte) each);
        try (var channel = java.nio.channels.FileChannel.open(MAPPING, java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(bytes), at);
            channel.force(true);
        }
    }

    /** Grown as a running guest has it open, and back; the key is here for the way back alone. */
    private void theDiskGrowsAndGoesBack(EncryptedBackend backend, boolean zeroed) throws IOException {
        create(backend);
        keys.forget(Recorded.UUID);
        KeptDisks kept = backend.kept().orElseThrow();
        kept.demandRoom(Recorded.UUID, List.of(new KeptDisks.Demand("disk", KeptDisks.Way.BESIDE, 2 * DISK_BYTES)));
        kept.keep(Recorded.UUID, "disk", Progress.NONE);
        try (var guest = java.nio.channels.FileChannel.open(MAPPING, java.nio.file.StandardOpenOption.READ)) {
            backend.grow(Recorded.UUID, "disk", 2 * DISK_BYTES, Progress.NONE);
            assertThat(guest.read(java.nio.ByteBuffer.allocate(512), DISK_BYTES))
                    .isEqualTo(512);
        }
        assertThat(Lab.size(MAPPING)).isEqualTo(2 * DISK_BYTES);
        theDiskIsTheImage(MAPPING);
        assertThat(Lab.sectorsWithPattern(BELOW)).isZero();
        if (zeroed) {
            assertThat(Lab.firstNonZero(MAPPING, DISK_BYTES, 2 * DISK_BYTES)).isEqualTo(-1);
        }
        write(7, 2 * DISK_BYTES - MIB);
        write(7, 0);

        kept.restore(Recorded.UUID, "disk", Progress.NONE);
        assertThat(MAPPING).doesNotExist();
        bring(0xa8);
        refused(() -> backend.unlock(Recorded.UUID, "disk"));
        bring(0xa7);
        backend.unlock(Recorded.UUID, "disk");
        assertThat(Lab.size(MAPPING)).isEqualTo(DISK_BYTES);
        theDiskIsTheImage(MAPPING);
        nothingIsLeft(backend);
    }

    /** The mapping of a header: it is the one that might ask for a key. */
    @Test
    void aLuks2DiskGrowsOnAnotherTenantsExtentsAndGoesBack() throws IOException {
        dirty();
        theDiskGrowsAndGoesBack(thick("luks2"), true);
    }

    @Test
    void aThinDiskIsFilledThroughItsMapping() throws IOException {
        ConfigSnapshot config = Lab.thinConfig(DISK).build();
        EncryptedBackend backend =
                new EncryptedBackend(new ThinBackend(config, Lab.EXECUTOR, FileOwner.ofThisHost()), config, keys);
        create(backend);
        theDiskIsTheImage(MAPPING);
        nothingIsInClear(BELOW);
        // Nothing but the image has taken space, and nothing of anybody is below the rest.
        assertThat(Lab.firstNonZero(BELOW, IMAGE_BYTES + MIB, DISK_BYTES)).isEqualTo(-1);
        nothingIsLeft(backend);
    }

    @Test
    void aThinPlainDiskGrowsAndGoesBack() throws IOException {
        theDiskGrowsAndGoesBack(thin(), false);
    }

    /** What a running guest had written at that moment, though it goes on, and part of it is in the page cache. */
    private void aPictureIsOfItsMoment(EncryptedBackend backend) throws IOException {
        create(backend);
        byte[] then = Lab.read(MAPPING, 0, DISK_BYTES);
        Arrays.fill(then, (int) (5 * MIB), (int) (6 * MIB), (byte) 5);
        try (var guest = java.nio.channels.FileChannel.open(MAPPING, java.nio.file.StandardOpenOption.WRITE)) {
            guest.write(java.nio.ByteBuffer.wrap(then, (int) (5 * MIB), (int) MIB), 5 * MIB);
            DiskSnapshots pictures = backend.snapshots().orElseThrow();
            Recorded.picture(pictures, Recorded.UUID, PICTURE);
            write(6, 5 * MIB);

            Path picture = pictures.open(Recorded.UUID, "disk", PICTURE);
            assertThat(Arrays.mismatch(Lab.read(picture, 0, DISK_BYTES), then)).isEqualTo(-1);
            try (var writer = java.nio.channels.FileChannel.open(picture, java.nio.file.StandardOpenOption.WRITE)) {
                assertThatThrownBy(() -> writer.write(java.nio.ByteBuffer.allocate(512)))
                        .isInstanceOf(IOException.class);
            }
            nothingIsInClear(Path.of("/dev/nova/nb-snap-" + PICTURE));
            pictures.remove(PICTURE, Progress.NONE);
            pictures.remove(PICTURE, Progress.NONE);
        }
        assertThat(Lab.read(MAPPING, 5 * MIB, 5 * MIB + 1)).containsExactly(6);
        nothingIsLeft(backend);
    }

    @Test
    void aPictureOfALuks2DiskIsOfItsMoment() throws IOException {
        aPictureIsOfItsMoment(thick("luks2"));
    }

    @Test
    void aPictureOfAThinPlainDiskIsOfItsMoment() throws IOException {
        aPictureIsOfItsMoment(thin());
    }
}
