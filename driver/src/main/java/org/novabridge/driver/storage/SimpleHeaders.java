package org.novabridge.driver.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.novabridge.driver.storage.HeaderBytes.OutOfBounds;

/** Formats whose header is one fixed block: vhd, vdi, iso9660, partition tables, and those never accepted. */
final class SimpleHeaders {
    private static final int VHD_DYNAMIC = 3;
    private static final int VHD_FIXED = 2;

    private SimpleHeaders() {}

    static Inspection vhd(HeaderBytes bytes) throws IOException, OutOfBounds {
        List<String> faults = new ArrayList<>();
        long size = bytes.be64(48);
        long type = bytes.be32(60);
        if (type != VHD_DYNAMIC && type != VHD_FIXED) {
            faults.add("it is a differencing or unknown kind of VHD (" + type + ")");
        }
        requireSize(size, faults);
        return new Inspection(ImageFormat.VHD, Math.max(size, 0), type == VHD_FIXED ? "fixed" : "dynamic", faults);
    }

    static Inspection vdi(HeaderBytes bytes) throws IOException, OutOfBounds {
        List<String> faults = new ArrayList<>();
        long type = bytes.le32(0x4c);
        if (type != 1 && type != 2) {
            faults.add("it is a differencing or unknown kind of VDI (" + type + ")");
        }
        long size = bytes.le64(0x170);
        requireSize(size, faults);
        return new Inspection(ImageFormat.VDI, Math.max(size, 0), type == 2 ? "static" : "dynamic", faults);
    }

    /** The size of the file counts, not the one of the volume descriptor: QEMU takes the file as raw. */
    static Inspection iso(HeaderBytes bytes) {
        long sectors = (bytes.size() - 1) / 512 + 1;
        return new Inspection(ImageFormat.ISO, sectors * 512, "", List.of());
    }

    private static void requireSize(long size, List<String> faults) {
        if (size <= 0) {
            faults.add("its virtual size is zero or overflows");
        }
    }

    /** {@code gpt}, {@code mbr} or nothing; only told, never a reason to refuse. */
    static String partitionTable(HeaderBytes bytes) throws IOException {
        if (bytes.has(512, "EFI PART")) {
            return "gpt";
        }
        return bytes.has(510, new byte[] {0x55, (byte) 0xaa}) ? "mbr" : "";
    }

    /** Magics by which qemu-img would take the file for something that Glance has no name for. */
    static boolean foreign(HeaderBytes bytes) throws IOException {
        return bytes.has(0, "WithoutFreeSpace")
                || bytes.has(0, "WithouFreSpacExt")
                || bytes.has(0, "Bochs Virtual HD Image")
                || bytes.has(0, "#!/bin/sh\n#V2.0 Format\n");
    }
}
