package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the volume group can serve, and what will soon be wrong with it. Pure: reports in, findings out. */
final class VolumeGroupCheck {
    private VolumeGroupCheck() {}

    static List<VolumeGroupFinding> findings(
            String name,
            Optional<VolumeGroup> found,
            List<LogicalVolume> volumes,
            List<LvmReport.PhysicalVolume> physicalVolumes) {
        List<VolumeGroupFinding> findings = new ArrayList<>();
        if (found.isEmpty()) {
            findings.add(unusable(
                    "there is no volume group " + name,
                    "name devices in [libvirt]images_lvm_devices and run: nova-bridge vg init"));
            return findings;
        }
        VolumeGroup group = found.get();
        if (group.exported()) {
            findings.add(unusable(name + " is exported", "vgimport " + name));
        }
        if (group.missingDevices() > 0) {
            findings.add(unusable(
                    name + " misses " + group.missingDevices() + " of its devices",
                    "bring the devices back (pvs, lsblk, the kernel's log); volumes that lie on others still work"));
        }
        if (group.metadata().full()) {
            findings.add(unusable(
                    group.metadata().sentence() + ": no volume is made in it any more; those that are there work on",
                    group.metadata().remedy()));
        }
        for (LogicalVolume volume : volumes) {
            if (volume.suspended()) {
                findings.add(unusable(
                        name + "/" + volume.name() + " is suspended: every access to it hangs",
                        "dmsetup resume " + LvmCommands.mapperName(name, volume.name())
                                + ", when no LVM command is running"));
            }
        }
        if (!findings.isEmpty()) {
            return findings;
        }
        warnings(group, volumes, physicalVolumes, findings);
        return findings;
    }

    private static void warnings(
            VolumeGroup group,
            List<LogicalVolume> volumes,
            List<LvmReport.PhysicalVolume> physicalVolumes,
            List<VolumeGroupFinding> findings) {
        String name = group.name();
        long wipes = volumes.stream().filter(LogicalVolume::waitsForWipe).count();
        if (wipes > 0) {
            findings.add(warning(
                    name + " holds " + wipes + " deleted disks whose wipe is not finished",
                    "the next start of the bridge finishes them"));
        }
        // A pool takes nearly all of its group, and says itself how full it is.
        boolean pooled = volumes.stream().anyMatch(LogicalVolume::thinPool);
        if (!pooled && group.free() < group.size() / 20) {
            findings.add(warning(
                    name + " is nearly full: " + group.free() + " of " + group.size() + " bytes are free",
                    "vgextend " + name + " DEVICE"));
        }
        // A small area is normal for a group that others made; what counts is what is left of it.
        MetadataRoom metadata = group.metadata();
        if (metadata.high()) {
            findings.add(warning(
                    metadata.sentence() + "; about " + metadata.volumes() + " more volumes are made in it",
                    metadata.remedy()));
        }
        List<LvmReport.PhysicalVolume> own = physicalVolumes.stream()
                .filter(volume -> volume.group().equals(name))
                .toList();
        if (own.size() > 1) {
            findings.add(note(
                    name + " lies on " + own.size()
                            + " devices without redundancy: the loss of one takes the disks that" + " lie on it",
                    "where that matters, make the group of RAID devices"));
        }
        long others = volumes.stream()
                .filter(volume -> !volume.waitsForWipe()
                        && !volume.thinPool()
                        && !volume.base()
                        && LvmNames.instance(volume.name()).isEmpty())
                .count();
        if (others > 0) {
            findings.add(note(
                    name + " also holds " + others
                            + " volumes that are no guest's; Nova counts their space as its own use",
                    "a volume group of its own makes the numbers that Nova's scheduler sees true"));
        }
    }

    private static VolumeGroupFinding unusable(String sentence, String remedy) {
        return new VolumeGroupFinding(VolumeGroupFinding.Severity.UNUSABLE, sentence, remedy);
    }

    private static VolumeGroupFinding warning(String sentence, String remedy) {
        return new VolumeGroupFinding(VolumeGroupFinding.Severity.WARNING, sentence, remedy);
    }

    private static VolumeGroupFinding note(String sentence, String remedy) {
        return new VolumeGroupFinding(VolumeGroupFinding.Severity.NOTE, sentence, remedy);
    }
}
