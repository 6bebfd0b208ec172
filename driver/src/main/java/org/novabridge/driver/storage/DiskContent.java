package org.novabridge.driver.storage;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a new disk holds. Sizes are in bytes. */
public sealed interface DiskContent {

    /**
     * A root disk made from an image in the cache.
     *
     * @param sizeBytes size of the disk; null means the image's virtual size (root_gb 0)
     */
    record FromImage(CachedImage image, @Nullable Long sizeBytes) implements DiskContent {}

    /** Nothing: an empty disk. */
    record Blank(long sizeBytes) implements DiskContent {}

    /**
     * A formatted ephemeral disk.
     *
     * @param fileSystem ext2, ext3, ext4, xfs, vfat, ntfs; null lets the configuration decide by OS type
     * @param label {@code ephemeral0}, {@code ephemeral1} …
     */
    record Ephemeral(
            long sizeBytes,
            @Nullable String fileSystem,
            @Nullable String osType,
            String label) implements DiskContent {}

    /** A swap disk, with its signature written. */
    record Swap(long sizeBytes) implements DiskContent {}

    /** The bytes of a file as they are (config drive). The file is root's own. */
    record FromFile(Path file) implements DiskContent {}
}
