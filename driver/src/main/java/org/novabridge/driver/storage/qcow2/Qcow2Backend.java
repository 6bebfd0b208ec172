package org.novabridge.driver.storage.qcow2;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.storage.BackendCapabilities;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskNames;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.FileBackend;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/**
 * {@code images_type=qcow2}: the root disk is an overlay on the base in the cache, with the base's format written down.
 * Ephemeral and swap disks are whole qcow2 files, not overlays on a shared {@code ephemeral_…} base as in Nova, whose
 * first creator decided the file system for all.
 */
public final class Qcow2Backend extends FileBackend {
    private static final BackendCapabilities CAPABILITIES =
            new BackendCapabilities("file", "qcow2", false, true, true, false, true);

    public Qcow2Backend(ConfigSnapshot config, CommandExecutor executor, FileOwner owner) {
        super(config, executor, owner);
    }

    @Override
    public String name() {
        return "qcow2";
    }

    @Override
    public BackendCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public Optional<DiskStreams> streams() {
        return Optional.of(fileStreams());
    }

    @Override
    protected String formatOf(String diskName, DiskContent content) {
        return content instanceof DiskContent.FromFile || DiskNames.isConfigDrive(diskName) ? "raw" : "qcow2";
    }

    @Override
    protected void makeFromImage(Path partial, CachedImage image, long sizeBytes, Progress progress)
            throws IOException {
        owner().makePrivate(partial, qemuImg().settings().privateUid());
        qemuImg()
                .createOverlay(
                        partial,
                        image.base(),
                        image.format(),
                        sizeBytes,
                        inspector().clusterSize(image));
    }
}
