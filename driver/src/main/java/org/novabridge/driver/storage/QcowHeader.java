package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.driver.storage.HeaderBytes.OutOfBounds;

/** Header of qcow2, versions 2 and 3 (QEMU's docs/interop/qcow2.txt). */
final class QcowHeader {
    private static final long INCOMPATIBLE_DATA_FILE = 1L << 2;
    private static final long INCOMPATIBLE_KNOWN = 0x1f;
    private static final long EXTENSION_END = 0;
    private static final long EXTENSION_DATA_FILE = 0x44415441L;
    private static final int MOST_EXTENSIONS = 64;
    private static final String MAGIC = "QFI\u00fb";
    private static final int LONGEST_BACKING_NAME = 1023;

    private QcowHeader() {}

    static Inspection read(HeaderBytes bytes) throws IOException, OutOfBounds {
        List<String> faults = new ArrayList<>();
        long version = bytes.be32(4);
        if (version != 2 && version != 3) {
            return ImageInspector.fault(ImageFormat.QCOW2, "its qcow2 version " + version + " is unknown");
        }
        if (bytes.be64(8) != 0) {
            faults.add("it has a backing file");
        }
        long clusterBits = bytes.be32(20);
        if (clusterBits < 9 || clusterBits > 21) {
            faults.add("its cluster size is out of range");
        }
        long size = bytes.be64(24);
        if (size <= 0) {
            faults.add("its virtual size is zero or overflows");
        }
        if (bytes.be32(32) != 0) {
            faults.add("it is encrypted");
        }
        // The places that every reader needs must lie in the file; a cut download often loses them.
        bytes.bytes(bytes.be64(48), 0);
        long mapping = bytes.be64(40);
        long mappingEntries = bytes.be32(36);
        if (mapping < 0 || mapping > bytes.size() - mappingEntries * 8) {
            faults.add("its file is truncated: the cluster mapping lies outside");
        }
        long headerLength = 72;
        if (version == 3) {
            long incompatible = bytes.be64(72);
            if ((incompatible & INCOMPATIBLE_DATA_FILE) != 0) {
                faults.add("it has an external data file");
            }
            if ((incompatible & ~INCOMPATIBLE_KNOWN) != 0) {
                faults.add("it has unknown incompatible features (0x" + Long.toHexString(incompatible) + ")");
            }
            headerLength = bytes.be32(100);
            if (headerLength < 104 || headerLength > 4096) {
                faults.add("its header length is out of range");
                return new Inspection(ImageFormat.QCOW2, Math.max(size, 0), "", faults);
            }
        }
        extensions(bytes, headerLength, faults);
        return new Inspection(ImageFormat.QCOW2, Math.max(size, 0), "v" + version, faults);
    }

    private static void extensions(HeaderBytes bytes, long headerLength, List<String> faults)
            throws IOException, OutOfBounds {
        long offset = headerLength;
        for (int i = 0; i < MOST_EXTENSIONS; i++) {
            long type = bytes.be32(offset);
            if (type == EXTENSION_END) {
                return;
            }
            long length = bytes.be32(offset + 4);
            if (type == EXTENSION_DATA_FILE) {
                addOnce(faults, "it has an external data file");
            }
            offset += 8 + (length + 7) / 8 * 8;
        }
        faults.add("its header has too many extensions");
    }

    /** The backing file that a qcow2 header names; empty for none and for anything that is no sound header. */
    static Optional<Path> backingFile(HeaderBytes bytes) throws IOException {
        try {
            if (!bytes.has(0, MAGIC) || bytes.be64(8) == 0) {
                return Optional.empty();
            }
            long length = bytes.be32(16);
            if (length == 0 || length > LONGEST_BACKING_NAME) {
                return Optional.empty();
            }
            return Optional.of(Path.of(new String(bytes.bytes(bytes.be64(8), (int) length), StandardCharsets.UTF_8)));
        } catch (OutOfBounds | InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Bytes of a cluster; the header has passed {@link #read}. */
    static long clusterSize(HeaderBytes bytes) throws IOException, OutOfBounds {
        return 1L << bytes.be32(20);
    }

    private static void addOnce(List<String> faults, String fault) {
        if (!faults.contains(fault)) {
            faults.add(fault);
        }
    }
}
