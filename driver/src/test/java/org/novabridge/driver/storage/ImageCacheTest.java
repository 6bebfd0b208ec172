package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Confinement;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;

/** The cache with real images made by the real qemu-img. */
@Tag("tools")
class ImageCacheTest {
    private static final long MIB = 1 << 20;
    /** sha1 of "image-1". */
    private static final String SHA1 = "2f84f2e8a8fd1ae4c2dd8c7a6d2bb5e7e6f1f0b4";

    @TempDir
    Path folder;

    private final ProcessExecutor tools = new ProcessExecutor();

    private ConfigSnapshot config(boolean forceRaw) {
        return ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, folder.resolve("instances").toString())
                .set(BridgeOptions.STATE_PATH, folder.resolve("state").toString())
                .set(DefaultOptions.FORCE_RAW_IMAGES, forceRaw)
                .build();
    }

    private ImageCache cache(boolean forceRaw) {
        return cache(forceRaw, tools);
    }

    private ImageCache cache(boolean forceRaw, CommandExecutor executor) {
        return ImageCache.of(config(forceRaw), executor, FileOwner.ofThisHost(), Clock.systemUTC());
    }

    private static ImageMeta meta(String format) {
        return new ImageMeta("image-1", "an image", format, "bare", null, 0, 0, Map.of());
    }

    private Path raw() throws IOException {
        Path file = folder.resolve("source.raw");
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.write("guest data".getBytes(StandardCharsets.UTF_8));
            opened.setLength(8 * MIB);
        }
        return file;
    }

    private Path image(String format, String... options) throws IOException {
        Path file = folder.resolve("image." + format);
        List<String> arguments = new ArrayList<>(List.of("convert", "-f", "raw", "-O", format));
        for (String option : options) {
            arguments.addAll(List.of("-o", option));
        }
        arguments.addAll(List.of(raw().toString(), file.toString()));
        tools.run(Command.of(Tool.QEMU_IMG, arguments));
        return file;
    }

    private List<String> left() throws IOException {
        Path base = folder.resolve("instances/_base");
        if (!Files.exists(base)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(base)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private ErrorCode refusal(String declared, Path file) throws IOException {
        BridgeException e = catchThrowableOfType(
                BridgeException.class, () -> cache(true).fill(meta(declared), file, null, Progress.NONE));
        assertThat(e).as(declared).isNotNull();
        assertThat(left()).isEmpty();
        assertThat(file).doesNotExist();
        return e.code();
    }

    @Test
    void everySupportedFormatBecomesTheRawBaseItHolds() throws IOException {
        for (String[] format : new String[][] {
            {"raw", "raw"}, {"qcow2", "qcow2"}, {"vmdk", "vmdk"}, {"vdi", "vdi"}, {"vpc", "vhd"}, {"vhdx", "vhdx"}
        }) {
            ImageCache cache = cache(true);
            CachedImage cached = cache.fill(meta(format[1]), image(format[0]), null, Progress.NONE);
            assertThat(cached.format()).as(format[0]).isEqualTo("raw");
            assertThat(cached.base()).isEqualTo(cache.baseOf("image-1"));
            assertThat(cached.virtualSize()).as(format[0]).isBetween(8 * MIB, 9 * MIB);
            assertThat(Files.size(cached.base())).isEqualTo(cached.virtualSize());
            try (var in = Files.newInputStream(cached.base())) {
                assertThat(new String(in.readNBytes(10), StandardCharsets.UTF_8))
                        .isEqualTo("guest data");
            }
            assertThat(left()).containsExactly(cached.base().getFileName().toString());
            Files.delete(cached.base());
        }
    }

    @Test
    void whatIsCachedIsListedByItsIdAndWhatIsGoneIsNot() throws IOException {
        ImageCache cache = cache(true);
        assertThat(cache.entries()).isEmpty();
        CachedImage cached = cache.fill(meta("raw"), raw(), null, Progress.NONE);
        assertThat(cache.entries()).singleElement().satisfies(entry -> {
            assertThat(entry.image()).isEqualTo(cached);
            assertThat(entry.used())
                    .isEqualTo(Files.getLastModifiedTime(cached.base()).toInstant());
        });
        Files.write(folder.resolve("state/images/broken.json"), new byte[] {'{'});
        Files.write(cached.base().resolveSibling("broken"), new byte[] {1});
        assertThat(cache.entries()).hasSize(1);
        Files.delete(cached.base());
        assertThat(cache.entries()).isEmpty();
    }

    @Test
    void theLayoutIsNovas() throws IOException {
        assertThat(cache(true).baseOf("image-1"))
                .isEqualTo(folder.resolve("instances/_base").resolve(sha1OfImage1()));
        cache(true).fill(meta("raw"), raw(), null, Progress.NONE);
        assertThat(folder.resolve("instances/locks/nova-" + sha1OfImage1())).exists();
    }

    private String sha1OfImage1() {
        return tools.run(Command.ofProgram(Path.of("/usr/bin/sha1sum"), List.of())
                        .withStdin("image-1".getBytes(StandardCharsets.UTF_8)))
                .stdout()
                .substring(0, SHA1.length());
    }

    @Test
    void qcow2StaysWhenItNeedNotBeRaw() throws IOException {
        CachedImage cached = cache(false).fill(meta("qcow2"), image("qcow2"), null, Progress.NONE);
        assertThat(cached.format()).isEqualTo("qcow2");
        assertThat(cached.virtualSize()).isEqualTo(8 * MIB);
        assertThat(cache(false).find("image-1")).contains(cached);
    }

    @Test
    void hostileImagesAreRefusedAndNothingIsLeft() throws IOException {
        Path backing = folder.resolve("backed.qcow2");
        tools.run(Command.of(
                Tool.QEMU_IMG,
                "create",
                "-u",
                "-f",
                "qcow2",
                "-b",
                "/etc/passwd",
                "-F",
                "raw",
                backing.toString(),
                "1M"));
        assertThat(refusal("qcow2", backing)).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        Path dataFile = folder.resolve("data.qcow2");
        tools.run(Command.of(
                Tool.QEMU_IMG,
                "create",
                "-f",
                "qcow2",
                "-o",
                "data_file=" + folder.resolve("data.raw"),
                dataFile.toString(),
                "1M"));
        assertThat(refusal("qcow2", dataFile)).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        assertThat(refusal("vmdk", image("vmdk", "subformat=monolithicFlat"))).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        assertThat(refusal("raw", image("qcow2"))).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        assertThat(refusal("qcow2", raw())).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        Path truncated = Files.write(
                folder.resolve("cut.qcow2"), java.util.Arrays.copyOf(Files.readAllBytes(image("qcow2")), 70));
        assertThat(refusal("qcow2", truncated)).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        Path shortened = Files.write(
                folder.resolve("cut2.qcow2"), java.util.Arrays.copyOf(Files.readAllBytes(image("qcow2")), 70_000));
        assertThat(refusal("qcow2", shortened)).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        Path luks = folder.resolve("luks.qcow2");
        makeEncrypted(luks);
        assertThat(refusal("qcow2", luks)).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
    }

    /** qemu-img measures the processor's time for its key, and gives up where the clock of the kernel shows none. */
    private void makeEncrypted(Path file) {
        Command create = Command.of(
                Tool.QEMU_IMG,
                "create",
                "--object",
                "secret,id=s0,data=password",
                "-f",
                "qcow2",
                "-o",
                "encrypt.format=luks,encrypt.key-secret=s0,encrypt.iter-time=10",
                file.toString(),
                "1M");
        for (int tries = 1; ; tries++) {
            try {
                tools.run(create);
                return;
            } catch (CommandFailedException e) {
                if (tries == 20 || !String.valueOf(e.getMessage()).contains("accurate CPU usage")) {
                    throw e;
                }
            }
        }
    }

    @Test
    void aQcow2CutOffBehindItsTablesIsRefused() throws IOException {
        Path plain = folder.resolve("full.raw");
        byte[] data = new byte[(int) (4 * MIB)];
        java.util.Arrays.fill(data, (byte) 7);
        Files.write(plain, data);
        Path file = folder.resolve("full.qcow2");
        tools.run(Command.of(Tool.QEMU_IMG, "convert", "-f", "raw", "-O", "qcow2", plain.toString(), file.toString()));
        try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(opened.length() - MIB);
        }
        BridgeException e = catchThrowableOfType(
                BridgeException.class, () -> cache(false).fill(meta("qcow2"), file, null, Progress.NONE));
        assertThat(e).hasMessageContaining("cut off or damaged");
        assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        assertThat(left()).isEmpty();
    }

    @Test
    void aFileOfAnotherLengthThanGlanceSaysIsRefused() throws IOException {
        ImageMeta longer = new ImageMeta("image-1", null, "raw", "bare", 9 * MIB, 0, 0, Map.of());
        Path file = raw();
        BridgeException e =
                catchThrowableOfType(BridgeException.class, () -> cache(true).fill(longer, file, null, Progress.NONE));
        assertThat(e).hasMessageContaining("8388608 bytes long, but image_meta.size is 9437184");
        assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE);
        assertThat(left()).isEmpty();
    }

    @Test
    void aHugeVirtualSizeIsRefusedBeforeAnythingIsConverted() throws IOException {
        Path huge = folder.resolve("huge.qcow2");
        tools.run(Command.of(Tool.QEMU_IMG, "create", "-f", "qcow2", huge.toString(), "10T"));
        List<String> ran = new CopyOnWriteArrayList<>();
        CommandExecutor watching = command -> {
            ran.add(command.toString());
            return tools.run(command);
        };
        BridgeException e = catchThrowableOfType(
                BridgeException.class, () -> cache(true, watching).fill(meta("qcow2"), huge, 20L << 30, Progress.NONE));
        assertThat(e.code()).isEqualTo(ErrorCode.FLAVOR_DISK_SMALLER_THAN_IMAGE);
        assertThat(ran).noneMatch(line -> line.contains("convert"));
        assertThat(left()).isEmpty();
    }

    @Test
    void qemuImgRunsConfinedAndWithItsFormat() throws IOException {
        List<Command> ran = new CopyOnWriteArrayList<>();
        cache(true, command -> {
                    ran.add(command);
                    return tools.run(command);
                })
                .fill(meta("qcow2"), image("qcow2"), null, Progress.NONE);
        assertThat(ran).hasSize(3).allSatisfy(command -> {
            assertThat(command.confinement()).isNotNull();
            assertThat(command.arguments()).contains("-f", "qcow2");
        });
        boolean root = FileOwner.ofThisHost().root();
        Integer uid = root ? 61180 : null;
        assertThat(ran.get(0).confinement()).isEqualTo(new Confinement(uid, uid, Duration.ofSeconds(30), 2048 * MIB));
        assertThat(ran.get(2).confinement()).isEqualTo(new Confinement(uid, uid, null, 2048 * MIB));
    }

    @Test
    void aRecordCountsOnlyForTheFileItTellsOf() throws IOException {
        CachedImage cached = cache(true).fill(meta("raw"), raw(), null, Progress.NONE);
        Files.delete(cached.base());
        Files.move(image("qcow2"), cached.base());
        assertThat(cache(true).find("image-1").orElseThrow().format()).isEqualTo("qcow2");
    }

    @Test
    void aSecondFillUsesTheFirst() throws Exception {
        ImageCache cache = cache(true);
        List<CachedImage> filled = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Path copy = Files.copy(image("qcow2"), folder.resolve("copy" + i));
            Thread thread = new Thread(() -> filled.add(cache.fill(meta("qcow2"), copy, null, Progress.NONE)));
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(filled).hasSize(4);
        assertThat(Set.copyOf(filled)).hasSize(1);
        assertThat(left()).hasSize(1);
    }

    @Test
    void leftoversGoUnlessSomebodyFills() throws IOException {
        ImageCache cache = cache(true);
        CachedImage cached = cache.fill(meta("raw"), raw(), null, Progress.NONE);
        Path work = folder.resolve("instances/_base/.nova-bridge/work");
        Path part = Files.writeString(work.resolve(cached.base().getFileName() + ".part"), "x");
        Files.writeString(work.resolve("abc.converted"), "x");
        try (CacheLock lock = CacheLock.acquire(cache.lockOf(cached.base()), cache.owner(), Progress.NONE)) {
            Thread other = new Thread(() -> assertThat(cache.recover()).isEqualTo(1));
            other.start();
            other.join();
            assertThat(part).exists();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(cache.recover()).isEqualTo(1);
        assertThat(left()).containsExactly(cached.base().getFileName().toString());
    }

    @Test
    void unusedBasesGoWhenTheyAreOldAndUsedOnesAreTouched() throws IOException {
        ImageCache cache = cache(true);
        CacheAging aging = new CacheAging(config(true), cache);
        CachedImage cached = cache.fill(meta("raw"), raw(), null, Progress.NONE);
        Path novas = Files.writeString(cached.base().resolveSibling("swap_512"), "x");
        Instant now = Instant.now();
        assertThat(aging.age(Set.of(), now)).isEmpty();
        Instant old = now.minus(Duration.ofDays(2));
        Files.setLastModifiedTime(cached.base(), FileTime.from(old));
        Files.setLastModifiedTime(novas, FileTime.from(old));
        assertThat(aging.age(Set.of("image-1"), now)).isEmpty();
        assertThat(Files.getLastModifiedTime(cached.base()).toInstant()).isAfter(old.plusSeconds(3600));
        Files.setLastModifiedTime(cached.base(), FileTime.from(old));
        // A guest of nobody we know, in a folder as another host or stock Nova leaves it.
        Path disk = Files.createDirectories(folder.resolve("instances/somebody_resize"))
                .resolve("disk.local");
        tools.run(Command.of(
                Tool.QEMU_IMG,
                "create",
                "-u",
                "-f",
                "qcow2",
                "-b",
                "/mounted/elsewhere/_base/" + cached.base().getFileName(),
                "-F",
                "raw",
                disk.toString(),
                "8M"));
        assertThat(aging.age(Set.of(), now)).isEmpty();
        assertThat(Files.getLastModifiedTime(cached.base()).toInstant()).isAfter(old.plusSeconds(3600));
        Files.delete(disk);
        Files.setLastModifiedTime(cached.base(), FileTime.from(old));
        assertThat(aging.age(Set.of("image-2"), now)).containsExactly(cached.base());
        assertThat(left()).containsExactly("swap_512");
        assertThat(cache.find("image-1")).isEmpty();
    }
}
