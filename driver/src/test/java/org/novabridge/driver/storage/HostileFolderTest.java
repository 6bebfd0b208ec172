package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ImageMeta;

/**
 * The folders of guests and of the cache belong to user nova. Whatever it puts there in the place of a name that the
 * bridge uses, no file outside is read into a disk, written, made longer, opened to others or given away.
 */
class HostileFolderTest {
    private static final String UUID = "3f0d9f2e-8a4b-4c57-9f0c-5b1f6a2d7e11";
    private static final String TEXT = "only root may read this";
    private static final long MIB = 1 << 20;

    @TempDir
    Path outside;

    private final CommandExecutor executor = new ProcessExecutor();
    private final FileOwner owner = FileOwner.ofThisHost();
    private Path instances;
    private Path secret;

    @BeforeEach
    void makeBoth() throws IOException {
        instances = Files.createDirectory(outside.resolve("instances"));
        secret = Files.writeString(outside.resolve("secret"), TEXT);
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.setLastModifiedTime(secret, FileTime.fromMillis(1_000));
    }

    private ConfigSnapshot config() {
        return ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, instances.toString())
                .set(BridgeOptions.STATE_PATH, outside.resolve("state").toString())
                .build();
    }

    private ImageBackend backend(String name) {
        return ImageBackends.of(config(), executor, owner, new DiskKeys(Clock.systemUTC()))
                .find(name)
                .orElseThrow();
    }

    private ImageCache cache() {
        return ImageCache.of(config(), executor, owner, Clock.systemUTC());
    }

    private Path instance() throws IOException {
        return Files.createDirectories(instances.resolve(UUID));
    }

    private void secretIsAsItWas() throws IOException {
        assertThat(secret).hasContent(TEXT);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                .isEqualTo("rw-------");
        assertThat(Files.getAttribute(secret, "unix:uid")).isEqualTo(FileOwner.ownUid());
        assertThat(Files.getLastModifiedTime(secret)).isEqualTo(FileTime.fromMillis(1_000));
    }

    @Test
    void aBaseThatIsALinkGetsIntoNoDiskAndIsNotTouched() throws IOException {
        Path base = cache().baseOf("image-1");
        Files.createDirectories(base.getParent());
        Files.createSymbolicLink(base, secret);
        CachedImage image = new CachedImage("image-1", base, "raw", TEXT.length());

        assertThatThrownBy(
                        () -> backend("raw").create(UUID, "disk", new DiskContent.FromImage(image, MIB), Progress.NONE))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> cache().find("image-1")).isInstanceOf(BridgeException.class);

        assertThat(backend("raw").list(UUID)).isEmpty();
        secretIsAsItWas();
    }

    @Test
    void aFolderOfBasesThatIsALinkIsNotFollowed() throws IOException {
        Path elsewhere = Files.createDirectory(outside.resolve("elsewhere"));
        Files.createSymbolicLink(instances.resolve("_base"), elsewhere);
        Path file = Files.write(outside.resolve("image.raw"), new byte[4096]);
        ImageMeta meta = new ImageMeta("image-1", null, "raw", "bare", null, 0, 0, Map.of());

        assertThatThrownBy(() -> cache().fill(meta, file, null, Progress.NONE)).isInstanceOf(BridgeException.class);

        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void aLinkForTheTemporaryFileOfDiskInfoIsNotWrittenThrough() throws IOException {
        Files.createSymbolicLink(instance().resolve("disk.info.tmp"), secret);
        Files.createSymbolicLink(instance().resolve("disk.info"), secret);

        assertThatThrownBy(() -> backend("raw").create(UUID, "disk", new DiskContent.Blank(MIB), Progress.NONE))
                .isInstanceOf(BridgeException.class);
        Files.delete(instance().resolve("disk.info"));
        backend("raw").create(UUID, "disk", new DiskContent.Blank(MIB), Progress.NONE);

        assertThat(instance().resolve("disk.info")).isRegularFile();
        secretIsAsItWas();
    }

    @Test
    void aDiskThatIsALinkIsNotMadeLonger() throws IOException {
        Files.createSymbolicLink(instance().resolve("disk"), secret);

        assertThatThrownBy(() -> backend("raw").grow(UUID, "disk", MIB, Progress.NONE))
                .isInstanceOf(BridgeException.class);

        secretIsAsItWas();
    }

    @Test
    void aDiskWithASecondNameIsNotMadeLonger() throws IOException {
        Files.createLink(instance().resolve("disk"), secret);

        assertThatThrownBy(() -> backend("raw").grow(UUID, "disk", MIB, Progress.NONE))
                .isInstanceOf(BridgeException.class)
                .hasMessageContaining("has 2 names");

        secretIsAsItWas();
    }

    @Test
    void aFolderOfAnInstanceThatIsALinkGetsNoDiskAndLosesNone() throws IOException {
        Path elsewhere = Files.createDirectory(outside.resolve("elsewhere"));
        Path disk = Files.writeString(elsewhere.resolve("disk"), "of somebody else");
        Files.createSymbolicLink(instances.resolve(UUID), elsewhere);

        assertThatThrownBy(() -> backend("raw").create(UUID, "disk.local", new DiskContent.Blank(MIB), Progress.NONE))
                .isInstanceOf(BridgeException.class);
        assertThatThrownBy(() -> backend("raw").remove(UUID, "disk", Progress.NONE))
                .isInstanceOf(BridgeException.class);

        assertThat(disk).hasContent("of somebody else");
        assertThat(elsewhere.resolve("disk.local")).doesNotExist();
    }

    @Test
    void aLockThatIsALinkIsNotOpened() throws IOException {
        Path lock = Files.createDirectory(instances.resolve("locks")).resolve("nova-abc");
        Files.createSymbolicLink(lock, secret);

        assertThatThrownBy(() -> CacheLock.tryAcquire(lock, owner)).isInstanceOf(IOException.class);

        secretIsAsItWas();
    }

    @Test
    void agingLeavesALinkAndWhatItNames() throws IOException {
        Path base = cache().baseOf("image-1");
        Files.createDirectories(base.getParent());
        Files.createSymbolicLink(base, secret);

        assertThat(new CacheAging(config(), cache()).age(Set.of("image-1"), Instant.now()))
                .isEmpty();
        assertThat(new CacheAging(config(), cache()).age(Set.of(), Instant.now()))
                .isEmpty();

        secretIsAsItWas();
    }

    @Test
    void nothingIsLentThatIsALinkOrHasASecondName() throws IOException {
        Path link = Files.createSymbolicLink(instance().resolve("link"), secret);
        Path second = Files.createLink(instance().resolve("second"), secret);

        for (Path each : new Path[] {link, second}) {
            assertThatThrownBy(() -> FileOwner.lend(each, 61180, true)).isInstanceOf(IOException.class);
        }

        secretIsAsItWas();
    }

    @Test
    void aFileThatIsLentAndExchangedIsGivenBackItself() throws IOException {
        assumeThat(owner.root()).as("the tests run as root").isTrue();
        Path file = Files.createFile(instance().resolve("disk"));
        Path moved = instance().resolve("moved");
        try (FileOwner.Loan loan = FileOwner.lend(file, 61180, true)) {
            assertThat(loan).isNotNull();
            Files.move(file, moved);
            Files.createSymbolicLink(file, secret);
        }
        assertThat(Files.getAttribute(moved, "unix:uid")).isEqualTo(0);
        secretIsAsItWas();
    }

    @Test
    void aWorkFolderOfSomebodyElseIsRefused() throws IOException {
        assumeThat(owner.root()).as("the tests run as root").isTrue();
        Path planted = Files.createDirectory(instances.resolve(WorkFolder.NAME));
        Files.setAttribute(planted, "unix:uid", 65534);
        assertThatThrownBy(() -> WorkFolder.in(instances)).hasMessageContaining("belongs to somebody else");
        Files.delete(planted);
        Files.createSymbolicLink(planted, Files.createDirectory(outside.resolve("elsewhere")));
        assertThatThrownBy(() -> WorkFolder.in(instances)).isInstanceOf(IOException.class);
        assertThat(outside.resolve("elsewhere")).isEmptyDirectory();
    }

    @Test
    void theWorkFolderIsClosedToOthersAndStaysTheSameWhenItIsExchanged() throws IOException {
        try (WorkFolder work = WorkFolder.in(instances)) {
            Path outer = instances.resolve(WorkFolder.NAME);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(outer)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(outer.resolve("work"))))
                    .isEqualTo("rwx--x--x");
            owner.makePrivate(work.at("disk.part"), null);
            Path away = instances.resolve("away");
            Files.move(outer, away, StandardCopyOption.ATOMIC_MOVE);
            Files.createDirectories(outer.resolve("work"));
            Files.writeString(outer.resolve("work/disk.part"), "planted");
            assertThat(work.at("disk.part")).isEmptyFile();
            assertThat(away.resolve("work/disk.part")).isEmptyFile();
        }
    }

    @Test
    void foldersAndFilesOfAnInstanceAreNovasAndWhatIsLinkedThereSurvivesTheirRemoval() throws IOException {
        FileOwner daemon = FileOwner.handingTo("daemon");
        InstanceFiles files = new InstanceFiles(instances, daemon);
        files.makeFolder(UUID);
        files.makeEmpty(UUID, "console.log");
        for (String made : new String[] {UUID, UUID + "/console.log"}) {
            Path path = instances.resolve(made);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo(made.equals(UUID) ? "rwxr-xr-x" : "rw-r--r--");
            if (owner.root()) {
                assertThat(Files.getOwner(path).getName()).isEqualTo("daemon");
            }
        }
        Files.createSymbolicLink(instances.resolve(UUID).resolve("disk"), secret);
        Files.createDirectories(instances.resolve(UUID).resolve("a/b"));
        Files.createSymbolicLink(instances.resolve(UUID).resolve("a/b/c"), outside);

        files.removeTree(UUID);
        files.removeTree(UUID);

        assertThat(instances.resolve(UUID)).doesNotExist();
        secretIsAsItWas();
    }

    @Test
    void aLinkInTheFoldersPlaceIsRefused() throws IOException {
        Path elsewhere = Files.createDirectory(outside.resolve("elsewhere"));
        Files.createSymbolicLink(instances.resolve(UUID), elsewhere);
        InstanceFiles files = new InstanceFiles(instances, owner);

        assertThatThrownBy(() -> files.makeFolder(UUID)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.makeEmpty(UUID, "console.log")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> files.remove(UUID, "disk")).isInstanceOf(IOException.class);
        files.removeTree(UUID);

        assertThat(elsewhere).isEmptyDirectory();
        assertThat(Files.exists(instances.resolve(UUID), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    @Test
    void anOldUnusedBaseIsRemovedByItsNameInTheHeldFolder() throws IOException {
        Path base = cache().baseOf("image-1");
        Files.createDirectories(base.getParent());
        Files.createFile(base);
        Instant now = Instant.now();
        Files.setLastModifiedTime(base, FileTime.from(now.minus(Duration.ofDays(2))));
        assertThat(new CacheAging(config(), cache()).age(Set.of(), now)).containsExactly(base);
        assertThat(base).doesNotExist();
    }
}
