package org.novabridge.driver.storage.raw;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.storage.BackendCapabilities;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.FileBackend;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;

/**
 * {@code images_type=raw} (Nova's Flat): each disk is a whole copy in a file. A base that stayed qcow2 ({@code
 * force_raw_images=False}) is copied as qcow2 and recorded so, as in Nova. The file system in the image is not touched
 * when the copy is larger (Nova runs e2fsck and resize2fs on it): images grow it themselves at first boot.
 */
public final class RawBackend extends FileBackend {
    private static final BackendCapabilities CAPABILITIES =
            new BackendCapabilities("file", "raw", false, false, true, false, true);

    public RawBackend(ConfigSnapshot config, CommandExecutor executor, FileOwner owner) {
        super(config, executor, owner);
    }

    @Override
    public String name() {
        return "raw";
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
        return content instanceof DiskContent.FromImage from ? from.image().format() : "raw";
    }

    @Override
    protected void makeFromImage(Path partial, CachedImage image, long sizeBytes, Progress progress)
            throws IOException {
        owner().makePrivate(partial, null);
        copy().copy(image.base(), partial, progress);
        if (image.format().equals("raw")) {
            extend(partial, sizeBytes);
        } else if (sizeBytes > image.virtualSize()) {
            qemuImg().grow(partial, image.format(), sizeBytes);
        }
    }
}
