package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.ImageMeta;

/**
 * Reads the headers of an image before any other program sees it, and says what it is and why it may
 * not be used. Reads at most a few hundred KiB, whatever the image claims, and never fails on garbage.
 *
 * <p>Rules: nova/image/format_inspector.py and nova/virt/images.py, {@code do_image_deep_inspection}
 * (26.2.2, OSSA-2024-001 and -002), plus what newer releases added (vhd is qemu's vpc) and what
 * qemu-img would take a file for that Nova's reader does not know (luks, parallels, text VMDK …):
 * such a file is never "raw" here.
 */
public final class ImageInspector {
    private static final Set<String> AMI_FAMILY = Set.of("ami", "aki", "ari");
    private static final String REMEDY =
            "Convert the image with 'qemu-img convert -O qcow2' to a file that stands alone, and upload it with the"
                    + " disk_format it really has.";

    private final VmdkHeader vmdk;

    /**
     * @param vmdkAllowedTypes {@code [compute]vmdk_allowed_types}
     */
    public ImageInspector(List<String> vmdkAllowedTypes) {
        this.vmdk = new VmdkHeader(vmdkAllowedTypes);
    }

    /**
     * Inspects the file, which must not change meanwhile.
     *
     * @throws BridgeException STORAGE_FAILED when it cannot be read
     */
    public Inspection inspect(Path file) {
        try (SeekableByteChannel channel = Files.newByteChannel(file, StandardOpenOption.READ)) {
            return inspect(channel);
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED, "The image " + file + " cannot be read: " + e.getMessage(), null, e);
        }
    }

    /** Bytes of a cluster of a cached qcow2 base; empty for any other. */
    public OptionalLong clusterSize(CachedImage image) {
        if (!image.format().equals("qcow2")) {
            return OptionalLong.empty();
        }
        try (SeekableByteChannel channel = Files.newByteChannel(image.base(), StandardOpenOption.READ)) {
            Inspection inspection = inspect(channel);
            if (inspection.format() != ImageFormat.QCOW2 || !inspection.safe()) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(QcowHeader.clusterSize(new HeaderBytes(channel)));
        } catch (IOException | HeaderBytes.OutOfBounds e) {
            return OptionalLong.empty();
        }
    }

    Inspection inspect(SeekableByteChannel channel) throws IOException {
        HeaderBytes bytes = new HeaderBytes(channel);
        List<ImageFormat> found = detect(bytes);
        if (found.isEmpty()) {
            return raw(bytes);
        }
        if (found.size() > 1) {
            return new Inspection(
                    found.get(0),
                    0,
                    "",
                    List.of("it is several formats at once: "
                            + found.stream().map(ImageFormat::glanceName).toList()));
        }
        ImageFormat format = found.get(0);
        try {
            return switch (format) {
                case QCOW2 -> QcowHeader.read(bytes);
                case VMDK -> vmdk.read(bytes);
                case VHDX -> VhdxHeader.read(bytes);
                case VHD -> SimpleHeaders.vhd(bytes);
                case VDI -> SimpleHeaders.vdi(bytes);
                case ISO -> SimpleHeaders.iso(bytes);
                case QED -> fault(format, "the qed format is not supported");
                case LUKS -> fault(format, "it is encrypted (LUKS)");
                case FOREIGN -> fault(format, "it is in a format that images may not have");
                case RAW -> raw(bytes);
            };
        } catch (HeaderBytes.OutOfBounds e) {
            return fault(format, String.valueOf(e.getMessage()));
        }
    }

    private static List<ImageFormat> detect(HeaderBytes bytes) throws IOException {
        List<ImageFormat> found = new ArrayList<>();
        if (bytes.has(0, "QFI\u00fb")) {
            found.add(bytes.has(4, new byte[] {0, 0, 0, 1}) ? ImageFormat.FOREIGN : ImageFormat.QCOW2);
        }
        if (bytes.has(0, "QED\0")) {
            found.add(ImageFormat.QED);
        }
        if (bytes.has(0, "conectix")) {
            found.add(ImageFormat.VHD);
        }
        if (bytes.has(0, "vhdxfile")) {
            found.add(ImageFormat.VHDX);
        }
        if (VmdkHeader.matches(bytes)) {
            found.add(ImageFormat.VMDK);
        }
        if (bytes.has(0x40, new byte[] {0x7f, 0x10, (byte) 0xda, (byte) 0xbe})) {
            found.add(ImageFormat.VDI);
        }
        if (bytes.has(0x8001, "CD001") || bytes.has(0x8001, "NSR02") || bytes.has(0x8001, "NSR03")) {
            found.add(ImageFormat.ISO);
        }
        if (bytes.has(0, "LUKS\u00ba\u00be")) {
            found.add(ImageFormat.LUKS);
        }
        if (SimpleHeaders.foreign(bytes)) {
            found.add(ImageFormat.FOREIGN);
        }
        return found;
    }

    private static Inspection raw(HeaderBytes bytes) throws IOException {
        if (bytes.size() == 0) {
            return fault(ImageFormat.RAW, "it is empty");
        }
        long sectors = (bytes.size() - 1) / 512 + 1;
        return new Inspection(ImageFormat.RAW, sectors * 512, SimpleHeaders.partitionTable(bytes), List.of());
    }

    static Inspection fault(ImageFormat format, String reason) {
        return new Inspection(format, 0, "", List.of(reason));
    }

    /**
     * Applies the rules to an inspected image.
     *
     * @return the format to give to qemu-img
     * @throws BridgeException IMAGE_UNACCEPTABLE with the first reason found
     */
    public static ImageFormat requireAcceptable(Inspection inspection, ImageMeta image) {
        String declared = image.diskFormat();
        if (declared == null || declared.isEmpty()) {
            throw unacceptable(image, "its disk_format is not given");
        }
        boolean ami = AMI_FAMILY.contains(declared);
        Optional<ImageFormat> claimed = ImageFormat.ofGlance(declared);
        if (!ami && claimed.isEmpty()) {
            throw unacceptable(image, "its disk_format '" + declared + "' is not a supported one");
        }
        if (!inspection.safe()) {
            throw unacceptable(image, inspection.faults().get(0));
        }
        if (claimed.isPresent() && claimed.get() != inspection.format()) {
            throw unacceptable(
                    image,
                    "its disk_format is '" + declared + "', but its content is "
                            + inspection.format().glanceName());
        }
        return inspection.format();
    }

    static BridgeException unacceptable(ImageMeta image, String reason) {
        return new BridgeException(
                ErrorCode.IMAGE_UNACCEPTABLE, "Image " + image.id() + " is unacceptable: " + reason + ".", REMEDY);
    }
}
