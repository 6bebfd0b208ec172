package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;

/** Fills the device of a new volume. What the content does not cover is left as it was. */
interface VolumeContents {

    /**
     * Writes an image, a file system, a swap signature or the bytes of a file from the start of the device; nothing
     * for a blank disk.
     *
     * @param before what the device reads as
     */
    void write(DiskContent content, Path device, QemuImg.Before before, Progress progress);

    /**
     * The {@link BaseChecksum} of what the device holds now.
     *
     * @param where outside of it nothing but zeros was written
     * @throws org.novabridge.driver.model.BridgeException as {@link BaseReader#checksum}
     */
    default String checksum(Path device, Allocation where, Progress progress) {
        throw new UnsupportedOperationException("no base is made of this");
    }
}
