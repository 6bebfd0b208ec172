package org.novabridge.driver.compute;

import java.nio.file.Path;
import org.novabridge.driver.storage.ImageExport;
import org.novabridge.driver.storage.Progress;

/** The images that snapshots of guests end in. */
interface SnapshotImages {

    /**
     * What is made of a request, by today's configuration.
     *
     * @param id of the operation
     * @param diskFormat of the disk, for a request and a configuration that name none
     * @throws org.novabridge.driver.model.BridgeException INVALID_REQUEST
     */
    ImageExport.Target target(SnapshotRequest request, String id, String diskFormat);

    /** See {@link ImageExport#make}. */
    ImageExport.Image make(Path source, String format, ImageExport.Target target, Progress progress);

    /** Removes what {@link #make} has made, as far as it came. */
    void remove(ImageExport.Target target);
}
