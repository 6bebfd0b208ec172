package org.novabridge.driver.storage.lvm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;

/**
 * Whether LVM on this host looks into logical volumes. A guest that makes a volume group on its disk would have it
 * found, activated and held open by the host, and could take the name of one of the host's own.
 */
final class ScannedVolumes {
    private static final Path DEVICES_FILES = Path.of("/etc/lvm/devices");

    private ScannedVolumes() {}

    static Optional<VolumeGroupFinding> finding(LvmConfiguration lvm, String group) {
        return finding(lvm, group, Files.exists(DEVICES_FILES.resolve(lvm.devicesFile())));
    }

    /** @param devicesFile it exists; LVM looks at all devices when it does not (seen with 2.03.16) */
    static Optional<VolumeGroupFinding> finding(LvmConfiguration lvm, String group, boolean devicesFile) {
        boolean named = lvm.devicesFileOnly() && devicesFile;
        if (!lvm.scansVolumes() || named || rejected(lvm, group)) {
            return Optional.empty();
        }
        String what = lvm.devicesFileOnly()
                ? "its devices file " + DEVICES_FILES.resolve(lvm.devicesFile()) + " is missing"
                : "no filter keeps it off the disks of guests";
        return Optional.of(new VolumeGroupFinding(
                Severity.WARNING,
                "LVM on this host looks into logical volumes (devices/scan_lvs = 1), and " + what
                        + ": a volume group that a guest makes on its disk is found and activated by the host",
                "write scan_lvs = 0 in the section devices of lvm.conf; where the host itself has physical volumes on"
                        + " logical ones, instead: global_filter = [ \"r|^/dev/" + group + "/|\" ]"));
    }

    /** As udev names the device of a guest's disk; what matches no pattern passes. */
    private static boolean rejected(LvmConfiguration lvm, String group) {
        String volume = "00000000-0000-4000-8000-000000000000_disk";
        String mapped = LvmCommands.mapperName(group, volume);
        List<String> names = List.of(
                "/dev/" + group + "/" + volume,
                "/dev/mapper/" + mapped,
                "/dev/dm-0",
                "/dev/disk/by-id/dm-name-" + mapped);
        return !lvm.filters().stream().allMatch(filter -> filter.accepts(names));
    }
}
