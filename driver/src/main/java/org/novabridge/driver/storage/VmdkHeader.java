package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.novabridge.driver.storage.HeaderBytes.OutOfBounds;

/**
 * Header and descriptor of VMDK. Only a self-contained sparse file is acceptable: its descriptor holds
 * nothing but known lines, its extents name no path, and its createType is an allowed one
 * (OSSA-2023-002, OSSA-2024-001). A footer is refused, since it overrules the header that was read.
 */
final class VmdkHeader {
    private static final int SECTOR = 512;
    private static final long MOST_SECTORS = Long.MAX_VALUE / SECTOR;
    private static final long GD_AT_END = -1L;
    private static final String CREATE_TYPE = "createtype=\"";
    private static final String PARENT = "parentcid=";

    private final List<String> allowedTypes;

    VmdkHeader(List<String> allowedTypes) {
        this.allowedTypes = List.copyOf(allowedTypes);
    }

    /** As QEMU's vmdk_probe: the two binary magics, or a text whose first line that is no comment says version=. */
    static boolean matches(HeaderBytes bytes) throws IOException {
        if (bytes.has(0, "KDMV") || bytes.has(0, "COWD")) {
            return true;
        }
        String head;
        try {
            head = new String(bytes.bytes(0, (int) Math.min(bytes.size(), 2048)), StandardCharsets.ISO_8859_1);
        } catch (OutOfBounds e) {
            return false;
        }
        if (head.contains("# Disk DescriptorFile")) {
            return true;
        }
        for (String line : head.split("\n", -1)) {
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            return text.startsWith("version=");
        }
        return false;
    }

    Inspection read(HeaderBytes bytes) throws IOException, OutOfBounds {
        if (!bytes.has(0, "KDMV")) {
            return ImageInspector.fault(
                    ImageFormat.VMDK, "it is a VMDK descriptor or an extent of one, not a whole disk");
        }
        List<String> faults = new ArrayList<>();
        long version = bytes.le32(4);
        if (version < 1 || version > 3) {
            faults.add("its VMDK version " + version + " is unknown");
        }
        long sectors = bytes.le64(12);
        if (sectors <= 0 || sectors > MOST_SECTORS) {
            faults.add("its virtual size is zero or overflows");
            sectors = 0;
        }
        if (bytes.le64(56) == GD_AT_END) {
            faults.add("it has a VMDK footer, which is not supported");
        }
        long descriptorSector = bytes.le64(28);
        long descriptorSectors = bytes.le64(36);
        if (descriptorSector != 1 || descriptorSectors <= 0 || descriptorSectors > 2047) {
            faults.add("its VMDK descriptor is in the wrong place");
            return new Inspection(ImageFormat.VMDK, sectors * SECTOR, "", faults);
        }
        String type = descriptor(bytes.bytes(SECTOR, (int) descriptorSectors * SECTOR), faults);
        return new Inspection(ImageFormat.VMDK, sectors * SECTOR, type, faults);
    }

    private String descriptor(byte[] data, List<String> faults) {
        int end = data.length;
        while (end > 0 && data[end - 1] == 0) {
            end--;
        }
        for (int i = 0; i < end; i++) {
            if (data[i] <= 0) {
                faults.add("its VMDK descriptor is not plain text");
                return "";
            }
        }
        String type = "";
        int extents = 0;
        for (String line : new String(data, 0, end, StandardCharsets.US_ASCII).split("\n", -1)) {
            String text = line.strip();
            String lower = text.toLowerCase(Locale.ROOT);
            if (text.isEmpty() || text.startsWith("#") || lower.startsWith("ddb")) {
                continue;
            }
            int equals = text.indexOf('=');
            if (lower.matches("(rw|rdonly|noaccess) .*")) {
                extents++;
                if (text.contains("/")) {
                    faults.add("an extent of its VMDK descriptor names a path");
                }
            } else if (equals > 0 && text.lastIndexOf(' ', equals) < 0) {
                if (lower.startsWith(CREATE_TYPE)) {
                    type = quoted(text.substring(CREATE_TYPE.length()));
                } else if (lower.startsWith(PARENT) && !lower.equals(PARENT + "ffffffff")) {
                    faults.add("it has a parent disk");
                }
            } else {
                faults.add("its VMDK descriptor has an unknown line");
            }
        }
        if (extents != 1) {
            faults.add("its VMDK descriptor has " + extents + " extents instead of one");
        }
        if (!allowedTypes.contains(type)) {
            faults.add("its VMDK create-type is not among vmdk_allowed_types");
        }
        return type;
    }

    private static String quoted(String rest) {
        int end = rest.indexOf('"');
        return end < 0 || end > 64 ? "" : rest.substring(0, end);
    }
}
