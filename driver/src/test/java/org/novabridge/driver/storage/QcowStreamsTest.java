package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.ProcessExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.qcow2.Qcow2Backend;
import org.novabridge.driver.storage.raw.RawBackend;
import org.novabridge.driver.transfer.DiskReceiver;
import org.novabridge.driver.transfer.DiskSender;
import org.novabridge.driver.transfer.Frame;
import org.novabridge.driver.transfer.FrameReader;
import org.novabridge.driver.transfer.FrameWriter;

/** Disks in files go the whole way but the network, from one instances folder to another, by the real QEMU programs. */
@Tag("tools")
class QcowStreamsTest {
    private static final String GUEST = "11111111-aaaa-4bbb-8ccc-000000000014";
    private static final ProcessExecutor EXECUTOR = new ProcessExecutor();
    private static final int MIB = 1 << 20;

    /** Neither is a multiple of any cluster. */
    private static final int IMAGE = 3 * MIB + 512;

    private static final int SIZE = 9 * MIB + 1536;

    @TempDir
    Path folder;

    private Path image = Path.of("");

    @BeforeEach
    void hosts() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String host : List.of("here", "there")) {
            Files.createDirectories(folder.resolve(host).resolve("_base"));
        }
        image = folder.resolve("here/_base/image");
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap("i".repeat(100_000).getBytes(StandardCharsets.US_ASCII)), 0);
            channel.write(ByteBuffer.wrap("e".repeat(512).getBytes(StandardCharsets.US_ASCII)), IMAGE - 512);
        }
    }

    private FileBackend backend(String host, String format) {
        ConfigSnapshot config = ConfigSnapshot.builder()
                .set(DefaultOptions.INSTANCES_PATH, folder.resolve(host).toString())
                .build();
        return format.equals("raw")
                ? new RawBackend(config, EXECUTOR, FileOwner.ofThisHost())
                : new Qcow2Backend(config, EXECUTOR, FileOwner.ofThisHost());
    }

    private static DiskStreams streams(ImageBackend backend) {
        return backend.streams().orElseThrow();
    }

    private Path disk(String host, String name) {
        return folder.resolve(host).resolve(GUEST).resolve(name);
    }

    private static String run(String program, String... arguments) {
        return EXECUTOR.run(Command.ofProgram(Path.of("/usr/bin", program), List.of(arguments)))
                .stdout();
    }

    /** A root disk on a base, on a chain of two, or standing alone, with what a guest has written. */
    private DiskStreams made(String kind) throws IOException {
        boolean raw = kind.equals("raw");
        FileBackend backend = backend("here", raw ? "raw" : "qcow2");
        if (kind.equals("alone")) {
            backend.create(GUEST, "disk", new DiskContent.Blank(SIZE), Progress.NONE);
        } else {
            backend.create(GUEST, "disk", new DiskContent.FromImage(base(kind), (long) SIZE), Progress.NONE);
        }
        Path disk = disk("here", "disk");
        String format = raw ? "raw" : "qcow2";
        // The middle of clusters, over the end of the image, a hole in the image, zeroes over data of it, the very end.
        for (String write : List.of(
                "write -P 0x41 70000 3000",
                "write -P 0x42 " + (IMAGE - 512) + " 70000",
                "write -P 0x43 2M 1M",
                "write -z 0 64k",
                "write -P 0x44 " + (SIZE - 512) + " 512")) {
            run("qemu-io", "-f", format, "-c", write, disk.toString());
        }
        return streams(backend);
    }

    private CachedImage base(String kind) {
        Path base = folder.resolve("here/_base/" + kind);
        switch (kind) {
            case "raw", "overlay" -> {
                return new CachedImage("image-1", image, "raw", IMAGE);
            }
            case "compressed" ->
                run("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", image.toString(), base.toString());
            case "chain" -> {
                CachedImage below = base("compressed");
                run(
                        "qemu-img",
                        "create",
                        "-q",
                        "-u",
                        "-f",
                        "qcow2",
                        "-o",
                        "cluster_size=4k",
                        "-b",
                        below.base().toString(),
                        "-F",
                        "qcow2",
                        base.toString(),
                        Integer.toString(IMAGE));
                run("qemu-io", "-f", "qcow2", "-c", "write -P 0x45 1M 5000", base.toString());
            }
            default -> throw new IllegalArgumentException(kind);
        }
        return new CachedImage("image-1", base, "qcow2", IMAGE);
    }

    /** What a guest would read. */
    private byte[] content(Path disk, String format) throws IOException {
        Path flat = folder.resolve("flat");
        run("qemu-img", "convert", "-f", format, "-O", "raw", disk.toString(), flat.toString());
        return Files.readAllBytes(flat);
    }

    private static byte[] sent(DiskStreams from, Allocation found) throws IOException {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        DiskSender sender = new DiskSender(new FrameWriter(wire), (disk, bytes) -> {});
        try (DiskBytes bytes = from.open(GUEST, "disk")) {
            sender.disk(bytes, found);
        }
        sender.end();
        return wire.toByteArray();
    }

    private static void receive(byte[] wire, long size, DiskStreams into) throws IOException {
        try (DiskBytes bytes = into.openToFill(GUEST, "disk")) {
            DiskReceiver receiver = new DiskReceiver(List.of(size), target(bytes));
            FrameReader frames = new FrameReader(new ByteArrayInputStream(wire));
            for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
                receiver.accept(frame);
            }
            assertThat(receiver.complete()).isTrue();
        }
    }

    private static DiskReceiver.Target target(DiskBytes bytes) {
        return new DiskReceiver.Target() {
            @Override
            public void write(int disk, long offset, ByteBuffer data) throws IOException {
                for (long at = offset; data.hasRemaining(); ) {
                    at += bytes.write(data, at);
                }
            }

            @Override
            public void finish(int disk) throws IOException {
                bytes.flush();
            }
        };
    }

    private void assertNothingLeft(String host) {
        assertThat(folder.resolve(host).resolve(".nova-bridge/work")).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({
        "overlay,qcow2,0",
        "overlay,raw,0",
        "compressed,qcow2,0",
        "compressed,raw,4194304",
        "chain,qcow2,4194304",
        "chain,raw,0",
        "alone,qcow2,0",
        "alone,raw,0",
        "raw,qcow2,4194304",
    })
    void aDiskArrivesAsTheGuestHasSeenItAndStaysHereAsItWas(String kind, String format, long growth)
            throws IOException {
        DiskStreams from = made(kind);
        Path disk = disk("here", "disk");
        byte[] file = Files.readAllBytes(disk);
        byte[] wanted = content(disk, kind.equals("raw") ? "raw" : "qcow2");
        assertThat(wanted).hasSize(SIZE);
        Object uid = Files.getAttribute(disk, "unix:uid");

        assertThat(from.size(GUEST, "disk")).isEqualTo(SIZE);
        Allocation found = from.allocation(GUEST, "disk");
        assertThat(found.size()).isEqualTo(SIZE);
        assertThat(found.bytes()).isPositive().isLessThan(2 * MIB);
        byte[] wire = sent(from, found);
        assertThat(wire).hasSizeLessThan(2 * MIB);
        assertThat(disk).hasBinaryContent(file);

        FileBackend there = backend("there", format);
        DiskStreams into = streams(there);
        into.demandRoom(List.of(SIZE + growth));
        into.createZero(GUEST, "disk", SIZE + growth, Progress.NONE);
        assertThat(into.allocation(GUEST, "disk").bytes()).isZero();
        receive(wire, SIZE, into);

        assertThat(there.format(GUEST, "disk")).isEqualTo(format);
        byte[] come = content(disk("there", "disk"), format);
        assertThat(come).hasSize((int) (SIZE + growth));
        assertThat(Arrays.mismatch(come, 0, SIZE, wanted, 0, SIZE)).isEqualTo(-1);
        assertThat(Bytes.firstOther(come, SIZE, come.length, 0)).isEqualTo(-1);
        if (format.equals("qcow2")) {
            assertThat(run(
                            "qemu-img",
                            "check",
                            "-f",
                            "qcow2",
                            disk("there", "disk").toString()))
                    .contains("No errors");
            assertThat(Files.size(disk("there", "disk"))).isLessThan(3 * MIB);
            assertThat(run("qemu-img", "info", disk("there", "disk").toString()))
                    .doesNotContain("backing file");
        }
        assertThat(disk).hasBinaryContent(file);
        assertThat(Files.getAttribute(disk, "unix:uid")).isEqualTo(uid);
        assertThat(Files.getAttribute(disk("there", "disk"), "unix:uid"))
                .isEqualTo(Files.getAttribute(folder.resolve("there").resolve(GUEST), "unix:uid"));
        assertNothingLeft("here");
        assertNothingLeft("there");
    }

    /** A guest may write what it likes into a raw disk, and it is sent as it is. */
    @Test
    void theFormatIsNeverLookedForInWhatAGuestHasWritten() throws IOException {
        FileBackend backend = backend("here", "qcow2");
        Path drive = Files.writeString(folder.resolve("drive"), "x".repeat(4096));
        backend.create(GUEST, "disk.config", new DiskContent.FromFile(drive), Progress.NONE);
        Path secret = Files.writeString(folder.resolve("secret"), "s".repeat(4096));
        Path evil = folder.resolve("evil");
        run("qemu-img", "create", "-q", "-f", "qcow2", "-b", secret.toString(), "-F", "raw", evil.toString(), "4096");
        Files.write(disk("here", "disk.config"), Files.readAllBytes(evil));
        DiskStreams streams = streams(backend);
        assertThat(streams.size(GUEST, "disk.config")).isEqualTo(Files.size(evil));
        byte[] start = new byte[4];
        try (DiskBytes bytes = streams.open(GUEST, "disk.config")) {
            bytes.read(ByteBuffer.wrap(start), 0);
        }
        assertThat(start).isEqualTo("QFI\u00fb".getBytes(StandardCharsets.ISO_8859_1));

        streams(backend("there", "qcow2")).createZero(GUEST, "disk.config", 4096, Progress.NONE);
        assertThat(disk("there", "disk.config")).hasBinaryContent(new byte[4096]);
    }

    @ParameterizedTest
    @CsvSource({
        "'-u -b %s/here/_base/image', does not say its format",
        "'-u -b %s/here/_base/image -F vmdk', neither raw nor qcow2",
        "'-u -b %s/secret -F raw', not below instances_path",
        "'-u -b %s/here/_base/../../secret -F raw', not below instances_path",
        "'-u -b image -F raw', not below instances_path",
        "'-o data_file=%s/here/data', has its data in another file",
    })
    void aChainThatIsNotWrittenDownIsRefusedBeforeItIsRead(String how, String why) throws IOException {
        made("alone");
        Files.delete(disk("here", "disk"));
        String[] options = how.formatted(folder, folder).split(" ");
        String[] line = new String[options.length + 6];
        System.arraycopy(new String[] {"create", "-q", "-f", "qcow2"}, 0, line, 0, 4);
        System.arraycopy(options, 0, line, 4, options.length);
        line[line.length - 2] = disk("here", "disk").toString();
        line[line.length - 1] = Integer.toString(MIB);
        if (why.startsWith("does not say")) {
            // Today's qemu-img does not make such a file any more.
            withoutFormat(line[6]);
        } else {
            run("qemu-img", line);
        }
        assertThatThrownBy(() -> streams(backend("here", "qcow2")).size(GUEST, "disk"))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_SUPPORTED))
                .hasMessageContaining(why);
        assertNothingLeft("here");
    }

    /** User nova owns instances_path: the names in a header, and the folders on their way, are no reason to touch a file of root's. */
    @ParameterizedTest
    @CsvSource({"aside/base, STORAGE_FAILED", "_base/link, STORAGE_FAILED", "_base/own, NOT_SUPPORTED"})
    void whatLiesBelowADiskIsNeitherFollowedThroughLinksNorLent(String base, ErrorCode refusal) throws IOException {
        made("alone");
        Path outside = Files.createDirectory(folder.resolve("outside"));
        run("qemu-img", "create", "-q", "-f", "qcow2", outside.resolve("base").toString(), "1M");
        Files.setPosixFilePermissions(outside.resolve("base"), PosixFilePermissions.fromString("rw-------"));
        Files.createSymbolicLink(folder.resolve("here/aside"), outside);
        Files.createSymbolicLink(folder.resolve("here/_base/link"), outside.resolve("base"));
        Files.copy(outside.resolve("base"), folder.resolve("here/_base/own"), StandardCopyOption.COPY_ATTRIBUTES);
        Path disk = disk("here", "disk");
        run(
                "qemu-img",
                "rebase",
                "-u",
                "-f",
                "qcow2",
                "-F",
                "qcow2",
                "-b",
                folder.resolve("here/" + base).toString(),
                disk.toString());
        FileTime touched = (FileTime) Files.getAttribute(outside.resolve("base"), "unix:ctime");

        assertThatThrownBy(() -> streams(backend("here", "qcow2")).size(GUEST, "disk"))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(refusal))
                .hasMessageContaining(folder.resolve("here/" + base).toString());
        assertThat(Files.getAttribute(outside.resolve("base"), "unix:ctime")).isEqualTo(touched);
        assertNothingLeft("here");
    }

    /** A header of version 2 whose name of a backing file has no format beside it. */
    private void withoutFormat(String backing) throws IOException {
        Path disk = disk("here", "disk");
        run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "compat=0.10", disk.toString(), "1M");
        byte[] bytes = Files.readAllBytes(disk);
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.putLong(8, 1024).putInt(16, backing.length());
        System.arraycopy(backing.getBytes(StandardCharsets.UTF_8), 0, bytes, 1024, backing.length());
        Files.write(disk, bytes);
    }

    /** As when the bridge or the disk fails in between: the program ends, the file is given back, and it can be removed. */
    @Test
    void whatIsGivenUpHalfWayIsRemoved() throws IOException {
        FileBackend there = backend("there", "qcow2");
        DiskStreams into = streams(there);
        into.createZero(GUEST, "disk", SIZE, Progress.NONE);
        try (DiskBytes bytes = into.openToFill(GUEST, "disk")) {
            bytes.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 5 * MIB);
            assertThatThrownBy(() -> bytes.write(ByteBuffer.wrap(new byte[] {1}), SIZE))
                    .hasMessageContaining("beyond the end");
            assertThat(bytes.read(ByteBuffer.allocate(10), SIZE)).isEqualTo(-1);
        }
        there.remove(GUEST, "disk", Progress.NONE);
        assertThat(disk("there", "disk")).doesNotExist();
        assertNothingLeft("there");
    }

    @Test
    void aDamagedFileIsNotSentAsZeroes() throws IOException {
        DiskStreams from = made("alone");
        Allocation found = from.allocation(GUEST, "disk");
        Path disk = disk("here", "disk");
        byte[] bytes = Files.readAllBytes(disk);
        // Where no table of clusters can be.
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.putLong((int) header.getLong(40), Long.MIN_VALUE | 512);
        Files.write(disk, bytes);
        assertThatThrownBy(() -> sent(from, found))
                .isInstanceOf(IOException.class)
                .hasMessage("Input/output error");
        assertNothingLeft("here");
    }
}
