package org.novabridge.driver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;

class ImageInspectorTest {
    private static final long GIB = 1L << 30;

    private final ImageInspector inspector = new ImageInspector(List.of("streamOptimized", "monolithicSparse"));

    @TempDir
    Path folder;

    private Inspection inspect(ByteBuffer bytes) {
        return inspect(bytes.array());
    }

    private Inspection inspect(byte[] bytes) {
        try {
            Path directory = folder == null ? Path.of("/tmp") : folder;
            Path file = Files.createTempFile(directory, "image", ".bin");
            try {
                Files.write(file, bytes);
                return inspector.inspect(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static ByteBuffer qcow2() {
        ByteBuffer header = ByteBuffer.allocate(65536);
        header.put(0, "QFI\u00fb".getBytes(StandardCharsets.ISO_8859_1));
        header.putInt(4, 3).putInt(20, 16).putLong(24, GIB).putInt(100, 104);
        return header;
    }

    private static ByteBuffer qed() {
        return ByteBuffer.allocate(4096).put(0, "QED\0".getBytes(StandardCharsets.ISO_8859_1));
    }

    private static ByteBuffer vhd() {
        ByteBuffer header = ByteBuffer.allocate(4096);
        header.put(0, "conectix".getBytes(StandardCharsets.US_ASCII));
        return header.putLong(48, GIB).putInt(60, 3);
    }

    private static ByteBuffer vdi() {
        ByteBuffer header = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        return header.putInt(0x40, 0xbeda107f).putInt(0x4c, 1).putLong(0x170, GIB);
    }

    private static ByteBuffer vhdx(boolean parent) {
        ByteBuffer image = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, "vhdxfile".getBytes(StandardCharsets.US_ASCII));
        int table = 192 * 1024;
        int metadata = 512 * 1024;
        image.put(table, "regi".getBytes(StandardCharsets.US_ASCII)).putInt(table + 8, 1);
        image.put(table + 16, HexFormat.of().parseHex("06a27c8b90479a4bb8fe575f050f886e"))
                .putLong(table + 32, metadata);
        image.put(metadata, "metadata".getBytes(StandardCharsets.US_ASCII)).putShort(metadata + 10, (short) 2);
        image.put(metadata + 32, HexFormat.of().parseHex("2442a52f1bcd7648b2115dbed83bf4b8"))
                .putInt(metadata + 48, 65536);
        image.putLong(metadata + 65536, GIB);
        if (parent) {
            image.put(metadata + 64, HexFormat.of().parseHex("2d5fd3a80bb34d45abf7d3d84834ab0c"));
        }
        return image;
    }

    private static ByteBuffer vmdk(String descriptor) {
        ByteBuffer header = ByteBuffer.allocate(128 * 1024).order(ByteOrder.LITTLE_ENDIAN);
        header.put(0, "KDMV".getBytes(StandardCharsets.US_ASCII));
        header.putInt(4, 1)
                .putLong(12, GIB / 512)
                .putLong(28, 1)
                .putLong(36, 20)
                .putLong(56, 21);
        header.put(512, descriptor.getBytes(StandardCharsets.ISO_8859_1));
        return header;
    }

    private static String descriptor(String type, String extent) {
        return "# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"" + type + "\"\n\n"
                + "# Extent\n" + extent + "\n\nddb.adapterType = \"ide\"\n";
    }

    private static ImageMeta meta(String diskFormat) {
        return new ImageMeta("image-1", "n", diskFormat, "bare", null, 0, 0, Map.of());
    }

    @Test
    void goodHeadersAreReadWithTheirSize() {
        assertThat(inspect(qcow2())).isEqualTo(new Inspection(ImageFormat.QCOW2, GIB, "v3", List.of()));
        assertThat(inspect(qcow2().putInt(4, 2))).matches(Inspection::safe);
        assertThat(inspect(vhd())).isEqualTo(new Inspection(ImageFormat.VHD, GIB, "dynamic", List.of()));
        assertThat(inspect(vdi())).isEqualTo(new Inspection(ImageFormat.VDI, GIB, "dynamic", List.of()));
        assertThat(inspect(vhdx(false))).isEqualTo(new Inspection(ImageFormat.VHDX, GIB, "", List.of()));
        assertThat(inspect(vmdk(descriptor("monolithicSparse", "RW 2097152 SPARSE \"disk.vmdk\""))))
                .isEqualTo(new Inspection(ImageFormat.VMDK, GIB, "monolithicSparse", List.of()));
    }

    @Test
    void rawIsWhatNothingElseIs() {
        assertThat(inspect(new byte[1000])).isEqualTo(new Inspection(ImageFormat.RAW, 1024, "", List.of()));
        byte[] mbr = new byte[1024];
        mbr[510] = 0x55;
        mbr[511] = (byte) 0xaa;
        assertThat(inspect(mbr).subtype()).isEqualTo("mbr");
        ByteBuffer gpt = ByteBuffer.wrap(mbr).put(512, "EFI PART".getBytes(StandardCharsets.US_ASCII));
        assertThat(inspect(gpt).subtype()).isEqualTo("gpt");
        assertThat(inspect(new byte[0]).faults()).containsExactly("it is empty");
    }

    @Test
    void anIsoIsFoundEvenWhenItIsBootableAsADisk() {
        ByteBuffer iso = ByteBuffer.allocate(40960);
        iso.put(0x8001, "CD001".getBytes(StandardCharsets.US_ASCII)).put(510, new byte[] {0x55, (byte) 0xaa});
        assertThat(inspect(iso)).isEqualTo(new Inspection(ImageFormat.ISO, 40960, "", List.of()));
    }

    @Test
    void dangerousQcow2IsRefused() {
        assertFault(qcow2().putLong(8, 4096), "backing file");
        assertFault(qcow2().putLong(72, 4), "external data file");
        assertFault(qcow2().putInt(104, 0x44415441).putInt(108, 5), "external data file");
        assertFault(qcow2().putInt(104, 0x12345678).putInt(108, 3).putInt(120, 0x44415441), "external data file");
        assertFault(qcow2().putLong(72, 32), "unknown incompatible features");
        assertFault(qcow2().putLong(72, Long.MIN_VALUE), "unknown incompatible features");
        assertFault(qcow2().putInt(32, 2), "encrypted");
        assertFault(qcow2().putLong(24, -1), "overflows");
        assertFault(qcow2().putLong(24, 0), "zero");
        assertFault(qcow2().putInt(4, 4), "version 4");
        assertFault(qcow2().putInt(20, 60), "cluster size");
        assertFault(qcow2().putInt(100, 8), "header length");
        assertThat(inspect(java.util.Arrays.copyOf(qcow2().array(), 60))
                        .faults()
                        .get(0))
                .contains("truncated");
    }

    @Test
    void extensionsWithoutEndAreRefused() {
        ByteBuffer header = qcow2();
        for (int i = 0; i < 2000; i++) {
            header.putInt(104 + i * 8, 0x11111111).putInt(108 + i * 8, 0);
        }
        assertFault(header, "too many extensions");
        assertFault(qcow2().putInt(104, 0x11111111).putInt(108, -1), "points outside");
    }

    @Test
    void dangerousVmdkIsRefused() {
        String good = "RW 2097152 SPARSE \"disk.vmdk\"";
        assertFault(vmdk(descriptor("monolithicFlat", good)), "create-type");
        assertFault(vmdk(descriptor("monolithicSparse", "RW 1 FLAT \"/etc/shadow\" 0")), "names a path");
        assertFault(vmdk(descriptor("monolithicSparse", good + "\n" + good)), "2 extents");
        assertFault(vmdk(descriptor("monolithicSparse", "")), "0 extents");
        assertFault(vmdk(descriptor("monolithicSparse", good + "\nSTRANGE LINE")), "unknown line");
        assertFault(vmdk(descriptor("monolithicSparse", good).replace("=ffffffff", "=12345678")), "parent");
        assertFault(vmdk(descriptor("monolithicSparse", good) + "\u00e4"), "not plain text");
        assertFault(vmdk(descriptor("monolithicSparse", good)).putLong(56, -1), "footer");
        assertFault(vmdk(descriptor("monolithicSparse", good)).putLong(28, 7), "wrong place");
        assertFault(vmdk(descriptor("monolithicSparse", good)).putLong(12, Long.MAX_VALUE), "overflows");
        assertThat(inspect(descriptor("monolithicFlat", "RW 1 FLAT \"/etc/shadow\" 0")
                                .getBytes(StandardCharsets.US_ASCII))
                        .faults())
                .isNotEmpty();
    }

    @Test
    void othersThatLeanOnFilesOrAreUnsupportedAreRefused() {
        assertFault(qed(), "qed");
        assertFault(vhd().putInt(60, 4), "differencing");
        assertFault(vdi().putInt(0x4c, 4), "differencing");
        assertFault(vhdx(true), "parent");
        assertFault(
                ByteBuffer.allocate(4096).put(0, new byte[] {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe}), "LUKS");
        assertFault(ByteBuffer.allocate(4096).put(0, "WithoutFreeSpace".getBytes(StandardCharsets.US_ASCII)), "format");
        assertFault(qcow2().putInt(4, 1), "format");
    }

    @Test
    void twoFormatsAtOnceAreRefused() {
        ByteBuffer both = qcow2().put(0x8001, "CD001".getBytes(StandardCharsets.US_ASCII));
        assertFault(both, "several formats");
    }

    private void assertFault(ByteBuffer bytes, String part) {
        Inspection inspection = inspect(bytes);
        assertThat(inspection.faults()).as(part).anyMatch(fault -> fault.contains(part));
        assertThat(inspection.format()).isNotEqualTo(ImageFormat.RAW);
    }

    @Test
    void theDeclaredFormatMustBeTheRealOne() {
        assertThat(ImageInspector.requireAcceptable(inspect(qcow2()), meta("qcow2")))
                .isEqualTo(ImageFormat.QCOW2);
        assertRefused(inspect(qcow2()), "raw", "'raw', but its content is qcow2");
        assertRefused(inspect(new byte[512]), "qcow2", "content is raw");
        assertRefused(inspect(new byte[512]), "ploop", "not a supported one");
        assertRefused(inspect(new byte[512]), "luks", "not a supported one");
        assertRefused(inspect(new byte[512]), "", "not given");
        assertRefused(inspect(qcow2().putLong(8, 1)), "qcow2", "backing file");
    }

    @Test
    void theAmiFamilyMayBeAnything() {
        for (String format : List.of("ami", "aki", "ari")) {
            assertThat(ImageInspector.requireAcceptable(inspect(qcow2()), meta(format)))
                    .isEqualTo(ImageFormat.QCOW2);
            assertRefused(inspect(qcow2().putLong(8, 1)), format, "backing file");
        }
    }

    private static void assertRefused(Inspection inspection, String declared, String part) {
        assertThatThrownBy(() -> ImageInspector.requireAcceptable(inspection, meta(declared)))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_UNACCEPTABLE))
                .hasMessageContaining(part);
    }

    @Property(tries = 200)
    void garbageIsNeverMoreThanAFault(@ForAll @Size(max = 2048) byte[] bytes, @ForAll @IntRange(max = 6) int kind) {
        byte[] magic = List.of("QFI\u00fb\0\0\0\3", "vhdxfile", "KDMV", "conectix", "QED\0", "COWD", "")
                .get(kind)
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] image = new byte[Math.max(bytes.length, magic.length)];
        System.arraycopy(bytes, 0, image, 0, bytes.length);
        System.arraycopy(magic, 0, image, 0, magic.length);
        Inspection inspection = inspect(image);
        assertThat(inspection.virtualSize()).isNotNegative();
        if (inspection.safe()) {
            assertThat(inspection.virtualSize()).isPositive();
        }
    }

    @Property(tries = 200)
    void mutatedHeadersAreReadOrRefusedButNeverFail(@ForAll long seed, @ForAll @IntRange(max = 5) int kind) {
        ByteBuffer[] good = {
            qcow2(),
            vhd(),
            vdi(),
            vhdx(false),
            vmdk(descriptor("monolithicSparse", "RW 1 SPARSE \"d\"")),
            ByteBuffer.allocate(40960).put(0x8001, "CD001".getBytes(StandardCharsets.US_ASCII))
        };
        byte[] bytes = good[kind].array();
        Random random = new Random(seed);
        for (int i = 0; i < 8; i++) {
            int at = random.nextBoolean() ? random.nextInt(600) : random.nextInt(bytes.length);
            bytes[at] = (byte) random.nextInt();
        }
        int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
        Inspection inspection = inspect(java.util.Arrays.copyOf(bytes, length));
        if (inspection.safe()) {
            assertThat(inspection.virtualSize()).isPositive();
        }
    }
}
