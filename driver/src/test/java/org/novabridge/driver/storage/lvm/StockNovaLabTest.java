package org.novabridge.driver.storage.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/**
 * The way there and back on real device-mapper: Debian's python3-nova itself (tools/lib/bench/nova-lvm) sees and removes the
 * disks that we made, and we take over and remove those that it made.
 */
@Tag("lab")
class StockNovaLabTest {
    private static final Path DISK = Lab.disk(1);
    private static final String UUID = Recorded.UUID;
    private static final String DIGEST = "89abcdef0123456789abcdef0123456789abcdef";
    private static final long MIB = 1 << 20;

    @TempDir
    static Path folder;

    private static Process nova;
    private static BufferedReader answers;
    private static CachedImage image;

    @BeforeAll
    static void begin() throws IOException {
        Lab.clean();
        VolumeGroupBootstrap.of(
                        Lab.thinConfig(DISK)
                                .set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "50%")
                                .build(),
                        Lab.EXECUTOR)
                .apply();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path base = Files.createDirectories(folder.resolve("_base")).resolve(DIGEST);
        Files.writeString(base, "what the image says. ".repeat(200_000).substring(0, (int) (4 * MIB)));
        image = new CachedImage("i", base, "raw", 4 * MIB);
        Path program = Path.of(Objects.requireNonNull(System.getProperty("crash.lab"), "run by tools/lvm-lab-tests"))
                .resolveSibling("lib/bench/nova-lvm");
        nova = new ProcessBuilder("/usr/bin/python3", program.toString(), folder.toString(), Lab.GROUP)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = nova.inputReader(StandardCharsets.UTF_8);
        assertThat(answers.readLine()).isEqualTo("done");
    }

    @AfterAll
    static void end() {
        if (nova != null) {
            nova.destroy();
        }
        Lab.clean();
    }

    @BeforeEach
    @AfterEach
    void removeAll() {
        Lab.tidy(
                "sh",
                "-c",
                "lvs --noheadings -o vg_name,lv_name --separator / " + Lab.GROUP + " | grep " + UUID
                        + " | xargs -r lvremove --yes --force");
    }

    /** What Nova's code answers behind "done". */
    private static String stock(String order) throws IOException {
        nova.getOutputStream().write((order + "\n").getBytes(StandardCharsets.UTF_8));
        nova.getOutputStream().flush();
        String answer = String.valueOf(answers.readLine());
        assertThat(answer).as(order).startsWith("done");
        return answer.substring("done".length()).strip();
    }

    private static VolumeBackend backend(String kind) {
        return kind.equals("thin")
                ? new ThinBackend(Lab.thinConfig(DISK).build(), Lab.EXECUTOR, FileOwner.ofThisHost())
                : new LvmBackend(Lab.config(DISK).build(), Lab.EXECUTOR, FileOwner.ofThisHost());
    }

    private static String seen(String disk, long bytes) {
        return "/dev/" + Lab.GROUP + "/" + UUID + "_" + disk + " raw " + bytes + " " + Lab.GROUP;
    }

    @ParameterizedTest
    @ValueSource(strings = {"thick", "thin"})
    void novasCodeSeesAndDeletesTheDisksThatWeMade(String kind) throws IOException {
        VolumeBackend ours = backend(kind);
        ours.create(UUID, "disk", new DiskContent.FromImage(image, 16 * MIB), Progress.NONE);
        ours.create(UUID, "disk.swap", new DiskContent.Swap(8 * MIB), Progress.NONE);
        ours.create(UUID, "disk.eph0", new DiskContent.Blank(8 * MIB), Progress.NONE);

        assertThat(stock("look " + UUID)).isEqualTo(seen("disk", 16 * MIB));
        assertThat(stock("look " + UUID + " disk.swap")).isEqualTo(seen("disk.swap", 8 * MIB));
        assertThat(stock("remove " + UUID + " disk.swap")).isEmpty();
        assertThat(stock("look " + UUID + " disk.swap")).isEqualTo("missing");
        assertThat(ours.list(UUID)).containsExactly("disk", "disk.eph0");
        assertThat(stock("clean " + UUID)).isEmpty();
        assertThat(ours.list(UUID)).isEmpty();
        assertThat(stock("look " + UUID)).isEqualTo("missing");
    }

    /** A base of ours stays, for the next guest, when Nova's code has deleted its first one. */
    @Test
    void theBaseOfAThinDiskOutlivesNovasDeletion() throws IOException {
        VolumeBackend ours = backend("thin");
        ours.create(UUID, "disk", new DiskContent.FromImage(image, 16 * MIB), Progress.NONE);
        stock("clean " + UUID);
        ours.create(UUID, "disk", new DiskContent.FromImage(image, 16 * MIB), Progress.NONE);
        assertThat(Lab.read(LvmNames.device(Lab.GROUP, LvmNames.volume(UUID, "disk")), 0, 8))
                .isEqualTo("what the".getBytes(StandardCharsets.US_ASCII));
        ours.remove(UUID, "disk", Progress.NONE);
    }

    @Test
    void weTakeOverGrowAndRemoveADiskThatNovasCodeMade() throws IOException {
        stock("create " + UUID + " " + DIGEST + " " + 16 * MIB);
        VolumeBackend ours = backend("thick");
        assertThat(ours.list(UUID)).containsExactly("disk");
        assertThat(backend("thin").list(UUID)).isEmpty();
        assertThatCode(() -> ours.demandTakeable(UUID, "disk", "raw")).doesNotThrowAnyException();
        ours.grow(UUID, "disk", 24 * MIB, Progress.NONE);
        assertThat(stock("look " + UUID)).isEqualTo(seen("disk", 24 * MIB));
        assertThat(Lab.read(LvmNames.device(Lab.GROUP, LvmNames.volume(UUID, "disk")), 0, 8))
                .isEqualTo("what the".getBytes(StandardCharsets.US_ASCII));
        ours.remove(UUID, "disk", Progress.NONE);
        assertThat(stock("look " + UUID)).isEqualTo("missing");
    }
}
