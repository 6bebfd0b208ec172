package org.novabridge.driver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;

/** Volume groups and file systems on the disks of tools/lvm-lab. */
final class LabGroup {
    private LabGroup() {}

    static List<Path> disks() {
        return Stream.of(System.getenv("LAB_DISKS").split(" ")).map(Path::of).toList();
    }

    static ConfigSnapshot.Builder of(String name, Path disk) {
        return ConfigSnapshot.builder()
                .set(LibvirtOptions.IMAGES_TYPE, "lvm")
                .set(LibvirtOptions.IMAGES_VOLUME_GROUP, name)
                .set(LibvirtOptions.IMAGES_LVM_DEVICES, List.of(disk.toString()))
                .set(LibvirtOptions.VOLUME_CLEAR, "zero");
    }

    static ConfigSnapshot thinAndThick(String name, String pool, Path disk) {
        return of(name, disk)
                .set(LibvirtOptions.IMAGES_LVM_TYPE, "thin")
                .set(LibvirtOptions.IMAGES_LVM_POOL, pool)
                // The rest is for thick volumes, of which stock Nova makes no others.
                .set(LibvirtOptions.IMAGES_LVM_POOL_SIZE, "45%")
                .set(LibvirtOptions.IMAGES_LVM_MAX_OVER_SUBSCRIPTION_RATIO, 100.0)
                .build();
    }

    /** Makes a file system. */
    static void mount(Path disk, Path folder) throws IOException {
        Bare.run("mkfs.ext4", "-q", disk.toString());
        Files.createDirectories(folder);
        Bare.run("mount", disk.toString(), folder.toString());
    }
}
