package org.novabridge.driver.compute;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.ImageExport;
import org.novabridge.driver.storage.Progress;

/** Images by the configuration in force. */
final class ConfiguredSnapshotImages implements SnapshotImages {
    private static final List<String> FORMATS =
            LibvirtOptions.SNAPSHOT_IMAGE_FORMAT.type().choices();

    private static final String COMPRESSIBLE = "qcow2";

    private final Supplier<ConfigSnapshot> config;
    private final CommandExecutor executor;
    private final FileOwner owner;

    ConfiguredSnapshotImages(Supplier<ConfigSnapshot> config, CommandExecutor executor, FileOwner owner) {
        this.config = config;
        this.executor = executor;
        this.owner = owner;
    }

    @Override
    public ImageExport.Target target(SnapshotRequest request, String id, String diskFormat) {
        ConfigSnapshot today = config.get();
        String asked = request.format();
        if (asked != null && !FORMATS.contains(asked)) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST, "format is none of " + FORMATS, "ask for one of these, or for none");
        }
        String format = asked != null
                ? asked
                : today.find(LibvirtOptions.SNAPSHOT_IMAGE_FORMAT).orElse(diskFormat);
        Boolean compress = request.compress();
        if (Boolean.TRUE.equals(compress) && !format.equals(COMPRESSIBLE)) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "compress: an image in format " + format + " cannot be compressed",
                    "ask for format qcow2");
        }
        boolean wanted = compress != null ? compress : today.get(LibvirtOptions.SNAPSHOT_COMPRESSION);
        return new ImageExport.Target(id, format, wanted && format.equals(COMPRESSIBLE), request.file());
    }

    @Override
    public ImageExport.Image make(Path source, String format, ImageExport.Target target, Progress progress) {
        return export().make(source, format, target, progress);
    }

    @Override
    public void remove(ImageExport.Target target) {
        export().remove(target);
    }

    private ImageExport export() {
        return new ImageExport(config.get(), executor, owner);
    }
}
