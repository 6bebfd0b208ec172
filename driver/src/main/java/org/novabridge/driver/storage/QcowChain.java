package org.novabridge.driver.storage;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.QemuImg.Info;

/**
 * A qcow2 file and the files below it from which it reads what it does not hold itself. The format of each is the one that
 * was written down when the file above it was made; none is ever looked for in the file, which a guest may have written.
 *
 * @param size of the disk in bytes
 * @param options all of it for {@code --image-opts}
 */
record QcowChain(Path file, long size, String options) {
    /** Nova's disks have one file below them; more come from whoever has worked on them by hand. */
    private static final int MOST = 16;

    /**
     * Follows the chain down.
     *
     * @param file recorded as qcow2
     * @param instances the folder below which all files of a chain lie
     * @throws BridgeException NOT_SUPPORTED for a chain that cannot be read by what is written down; IMAGE_UNACCEPTABLE
     */
    static QcowChain of(QemuImg qemuImg, Path file, Path instances) {
        Info info = qemuImg.info(file, "qcow2");
        long size = info.virtualSize();
        StringBuilder options = new StringBuilder(node("", "qcow2", file));
        String prefix = "";
        Path at = file;
        for (int depth = 0; depth < MOST; depth++) {
            demandPlain(at, info);
            String below = info.backingFile();
            if (below == null) {
                return new QcowChain(file, size, options.toString());
            }
            at = backing(at, below, instances);
            String format = format(at, info.backingFormat());
            prefix += "backing.";
            options.append(',').append(node(prefix, format, at));
            if (format.equals("raw")) {
                return new QcowChain(file, size, options.toString());
            }
            info = qemuImg.info(at, format);
        }
        throw refused(file, "lies on more than " + MOST + " others");
    }

    private static void demandPlain(Path file, Info info) {
        if (info.encrypted()) {
            throw refused(file, "is encrypted by QEMU");
        }
        if (info.dataFile() != null) {
            throw refused(file, "has its data in another file");
        }
    }

    private static Path backing(Path above, String name, Path instances) {
        Path path = Path.of(name);
        if (!path.equals(path.normalize()) || !path.startsWith(instances)) {
            throw refused(above, "reads from " + name + ", which is not below instances_path");
        }
        return path;
    }

    private static String format(Path file, @Nullable String format) {
        if (format == null || !(format.equals("raw") || format.equals("qcow2"))) {
            throw refused(
                    file,
                    format == null
                            ? "is read by a disk that does not say its format"
                            : "is a " + format + " file, neither raw nor qcow2");
        }
        return format;
    }

    private static String node(String prefix, String format, Path file) {
        return prefix + "driver=" + format + "," + prefix + "file.driver=file," + prefix + "file.filename="
                + file.toString().replace(",", ",,");
    }

    private static BridgeException refused(Path file, String why) {
        return new BridgeException(
                ErrorCode.NOT_SUPPORTED,
                file + " " + why + ", so its disk does not travel",
                "qemu-img rebase, with the guest stopped, writes formats down and flattens chains");
    }
}
