package org.novabridge.driver.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.novabridge.driver.storage.HeaderBytes.OutOfBounds;

/** Header of VHDX: the region table leads to the metadata table, which holds size and parent. */
final class VhdxHeader {
    private static final long REGION_TABLE = 192 * 1024;
    private static final int MOST_ENTRIES = 2047;
    // GUIDs as they lie in the file (first three groups little-endian).
    private static final byte[] METADATA_REGION = guid("06a27c8b90479a4bb8fe575f050f886e");
    private static final byte[] VIRTUAL_DISK_SIZE = guid("2442a52f1bcd7648b2115dbed83bf4b8");
    private static final byte[] PARENT_LOCATOR = guid("2d5fd3a80bb34d45abf7d3d84834ab0c");

    private VhdxHeader() {}

    private static byte[] guid(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    static Inspection read(HeaderBytes bytes) throws IOException, OutOfBounds {
        if (!bytes.has(REGION_TABLE, "regi")) {
            return ImageInspector.fault(ImageFormat.VHDX, "its VHDX region table is missing");
        }
        long regions = bytes.le32(REGION_TABLE + 8);
        if (regions > MOST_ENTRIES) {
            return ImageInspector.fault(ImageFormat.VHDX, "its VHDX region table is out of range");
        }
        for (long i = 0; i < regions; i++) {
            long entry = REGION_TABLE + 16 + i * 32;
            if (bytes.has(entry, METADATA_REGION)) {
                return metadata(bytes, bytes.le64(entry + 16));
            }
        }
        return ImageInspector.fault(ImageFormat.VHDX, "it has no VHDX metadata");
    }

    private static Inspection metadata(HeaderBytes bytes, long table) throws IOException, OutOfBounds {
        if (!bytes.has(table, "metadata")) {
            return ImageInspector.fault(ImageFormat.VHDX, "its VHDX metadata table is missing");
        }
        int entries = bytes.le16(table + 10);
        if (entries > MOST_ENTRIES) {
            return ImageInspector.fault(ImageFormat.VHDX, "its VHDX metadata table is out of range");
        }
        List<String> faults = new ArrayList<>();
        long size = 0;
        for (long i = 0; i < entries; i++) {
            long entry = table + 32 + i * 32;
            if (bytes.has(entry, VIRTUAL_DISK_SIZE)) {
                size = bytes.le64(table + bytes.le32(entry + 16));
            } else if (bytes.has(entry, PARENT_LOCATOR)) {
                faults.add("it has a parent disk");
            }
        }
        if (size <= 0) {
            faults.add("its virtual size is missing, zero or overflows");
        }
        return new Inspection(ImageFormat.VHDX, Math.max(size, 0), "", faults);
    }
}
