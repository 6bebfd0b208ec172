package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.Progress;

/** Fills the device of a new volume. Whatever it does not write has been zeroed before. */
interface VolumeContents {

    /** Writes the whole virtual disk of the image, zeroes included, from the start of the device. */
    void image(DiskContent.FromImage content, Path device, Progress progress);

    /** Makes the file system, with its label. */
    void fileSystem(DiskContent.Ephemeral content, Path device, Progress progress);

    /** Writes a swap signature. */
    void swap(Path device);

    /** Writes the bytes of a file. */
    void file(Path source, Path device, Progress progress);
}
