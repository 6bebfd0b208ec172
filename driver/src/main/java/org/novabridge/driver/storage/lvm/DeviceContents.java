package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileSystemMaker;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;

/** Fills devices with the confined qemu-img and mkfs, to whom the node is lent meanwhile. */
final class DeviceContents implements VolumeContents {
    private final QemuImg qemuImg;
    private final FileSystemMaker fileSystems;

    DeviceContents(QemuImg qemuImg, FileSystemMaker fileSystems) {
        this.qemuImg = qemuImg;
        this.fileSystems = fileSystems;
    }

    @Override
    public void image(DiskContent.FromImage content, Path device, Progress progress) {
        qemuImg.convert(content.image().base(), content.image().format(), device, "raw", progress);
    }

    @Override
    public void fileSystem(DiskContent.Ephemeral content, Path device, Progress progress) {
        progress.report("make the file system", -1);
        fileSystems.format(device, content);
    }

    @Override
    public void swap(Path device) {
        fileSystems.swap(device);
    }

    @Override
    public void file(Path source, Path device, Progress progress) {
        qemuImg.convert(source, "raw", device, "raw", progress);
    }
}
