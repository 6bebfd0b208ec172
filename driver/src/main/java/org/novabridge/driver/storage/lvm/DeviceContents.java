package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskStreams.Allocation;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.FileSystemMaker;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;
import org.novabridge.driver.storage.QemuImgSettings;

/** Fills devices with the confined qemu-img and mkfs, to whom the node is lent meanwhile. */
final class DeviceContents implements VolumeContents {
    private final QemuImg qemuImg;
    private final FileSystemMaker fileSystems;
    private final BaseReader bases;

    DeviceContents(QemuImg qemuImg, FileSystemMaker fileSystems, BaseReader bases) {
        this.qemuImg = qemuImg;
        this.fileSystems = fileSystems;
        this.bases = bases;
    }

    static DeviceContents of(ConfigSnapshot config, CommandExecutor executor, FileOwner owner) {
        QemuImgSettings limits = QemuImgSettings.of(config, owner);
        return new DeviceContents(
                new QemuImg(executor, limits),
                new FileSystemMaker(config, executor, limits),
                BaseReader.of(config, executor));
    }

    @Override
    public void write(DiskContent content, Path device, QemuImg.Before before, Progress progress) {
        if (content instanceof DiskContent.FromImage image) {
            CachedImage cached = image.image();
            qemuImg.convert(cached.base(), cached.format(), device, "raw", before, progress);
        } else if (content instanceof DiskContent.FromFile file) {
            qemuImg.convert(file.file(), "raw", device, "raw", before, progress);
        } else if (content instanceof DiskContent.Ephemeral ephemeral) {
            progress.report("make the file system", -1);
            fileSystems.format(device, ephemeral);
        } else if (content instanceof DiskContent.Swap) {
            fileSystems.swap(device);
        }
    }

    @Override
    public String checksum(Path device, Allocation where, Progress progress) {
        return bases.checksum(device, where, progress);
    }
}
