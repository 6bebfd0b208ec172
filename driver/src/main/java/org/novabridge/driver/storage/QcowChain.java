package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.QemuImg.Info;

/**
 * A qcow2 file and the files below it from which it reads what it does not hold itself. The format of each is the one that
 * was written down when the file above it was made; none is ever looked for in the file, which a guest may have written.
 *
 * @param file for {@link FileOwner#lend}, as long as its folder is held
 * @param size of the disk in bytes
 * @param options all of it for {@code --image-opts}, by names: a confined program follows them with no rights of ours
 */
record QcowChain(Path file, long size, String options) {
    /** Nova's disks have one file below them; more come from whoever has worked on them by hand. */
    private static final int MOST = 16;

    private static final int EVERYBODY_READS = 0004;

    /**
     * Follows the chain down.
     *
     * @param folder the disk's
     * @param disk recorded as qcow2
     * @param instances the folder below which all files of a chain lie
     * @throws BridgeException NOT_SUPPORTED for a chain that cannot be read by what is written down; IMAGE_UNACCEPTABLE
     * @throws IOException when the disk cannot be looked at
     */
    static QcowChain of(QemuImg qemuImg, HeldFolder folder, String disk, Path instances) throws IOException {
        Path file = folder.name().resolve(disk);
        Info info;
        try (HeldFile held = folder.file(disk).withOneName()) {
            info = qemuImg.info(folder.at(disk), held.name(), "qcow2");
        }
        long size = info.virtualSize();
        StringBuilder options = new StringBuilder(node("", "qcow2", file));
        String prefix = "";
        Path at = file;
        for (int depth = 0; depth < MOST; depth++) {
            demandPlain(at, info);
            String below = info.backingFile();
            if (below == null) {
                return new QcowChain(folder.at(disk), size, options.toString());
            }
            at = backing(at, below, instances);
            String format = format(at, info.backingFormat());
            prefix += "backing.";
            options.append(',').append(node(prefix, format, at));
            Info next = below(qemuImg, at, format, instances);
            if (next == null) {
                return new QcowChain(folder.at(disk), size, options.toString());
            }
            info = next;
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
        if (!path.equals(path.normalize()) || !path.startsWith(instances) || path.equals(instances)) {
            throw refused(above, "reads from " + name + ", which is not below instances_path");
        }
        return path;
    }

    /**
     * What a file says of the next one; null for a raw one. Its name comes from the file above, which user nova may have
     * written, and so are the folders on its way: no link is followed there, and the file is not lent to the user of
     * qemu-img. It lies below disks of several guests, and Nova's and our bases may be read by everybody.
     */
    private static @Nullable Info below(QemuImg qemuImg, Path file, String format, Path instances) {
        try (HeldFolder folder = HeldFolder.within(instances, Objects.requireNonNull(file.getParent()));
                HeldFile held = folder.file(file.getFileName().toString())) {
            if ((held.mode() & EVERYBODY_READS) == 0) {
                throw refused(file, "lies below a disk and may not be read by everybody");
            }
            return format.equals("raw")
                    ? null
                    : qemuImg.info(folder.at(file.getFileName().toString()), file, format);
        } catch (IOException e) {
            throw StorageFailures.of("reading " + file + ", which lies below a disk,", e);
        }
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
