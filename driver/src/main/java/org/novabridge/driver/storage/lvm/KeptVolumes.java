package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;

/**
 * What disks on logical volumes were before a resize: {@code nb-keep-<volume of the disk>}.
 *
 * <p>Of a thin volume it is a snapshot, read-only and without a device. Of a thick volume it is a whole copy: the store of
 * a thick snapshot would have to be as large, and each write of the guest would wait for two. A copy that is not complete
 * has another name. The way back is a rename, never {@code lvreduce}.
 *
 * <p>Of an encrypted disk it has the encrypted blocks, and the tags that say how. What is put back or set aside is closed
 * before: the mapping lies on the volume, whatever that is called.
 */
final class KeptVolumes implements KeptDisks {
    private final VolumeBackend below;
    private final LockedGroup group;
    private final LvmCommands commands;
    private final RetiredVolumes retired;
    private final ToLongFunction<Optional<LogicalVolume>> header;

    /**
     * @param below makes the volumes
     * @param header bytes of a volume that are not the disk's; of a new one when empty
     */
    KeptVolumes(VolumeBackend below, ToLongFunction<Optional<LogicalVolume>> header) {
        this.below = below;
        this.group = below.group;
        this.commands = below.commands;
        this.retired = below.retired;
        this.header = header;
    }

    @Override
    public String word() {
        return below.keptAs();
    }

    @Override
    public void demandRoom(String instanceUuid, List<Demand> disks) {
        Map<String, LogicalVolume> there = group.report().volumes(group.name()).stream()
                .collect(Collectors.toMap(LogicalVolume::name, Function.identity()));
        VolumeGroup usable = group.usable();
        long more = 0;
        for (Demand disk : disks) {
            for (String left : List.of(
                    LvmNames.kept(instanceUuid, disk.diskName()), LvmNames.copy(instanceUuid, disk.diskName()))) {
                if (there.containsKey(left)) {
                    throw leftOver(left);
                }
            }
            more += more(usable, there.get(LvmNames.volume(instanceUuid, disk.diskName())), disk);
        }
        below.demandRoom(more);
    }

    /** What is kept, counted in full: a thin snapshot may come to hold all that its disk loses. */
    private long more(VolumeGroup usable, @Nullable LogicalVolume now, Demand disk) {
        Optional<LogicalVolume> grows = Optional.ofNullable(disk.way() == Way.BESIDE ? now : null);
        long has = grows.map(LogicalVolume::size).orElse(0L);
        long wanted = disk.sizeBytes() == null ? 0 : usable.roundUp(disk.sizeBytes() + header.applyAsLong(grows));
        return has + Math.max(0, wanted - has);
    }

    private BridgeException leftOver(String volume) {
        return new BridgeException(
                ErrorCode.STORAGE_FAILED,
                "logical volume " + group.name() + "/" + volume + " is left of an earlier resize of the instance",
                "a restart of the bridge takes back what a failed resize has left; if nothing needs it any more:"
                        + " lvremove " + group.name() + "/" + volume);
    }

    @Override
    public void keep(String instanceUuid, String diskName, Progress progress) {
        LogicalVolume disk = group.existing(LvmNames.volume(instanceUuid, diskName));
        String kept = LvmNames.kept(instanceUuid, diskName);
        if (disk.thin()) {
            progress.report("take a snapshot of " + diskName, -1);
            group.change(
                    commands.ours(commands.snapshotThin(group.name(), disk.name(), kept), disk.cryptTags()),
                    "cannot take a snapshot of " + group.name() + "/" + disk.name());
            return;
        }
        String copy = LvmNames.copy(instanceUuid, diskName);
        Path device = group.device(copy);
        group.change(
                commands.ours(commands.createVolume(group.name(), copy, disk.size()), disk.cryptTags()),
                "cannot create " + group.name() + "/" + copy);
        group.settle();
        below.contents.write(
                new DiskContent.FromFile(group.device(disk.name())), device, QemuImg.Before.UNKNOWN, progress);
        rename(copy, kept);
    }

    @Override
    public void setAside(String instanceUuid, String diskName) {
        String volume = LvmNames.volume(instanceUuid, diskName);
        if (group.report().volume(group.name(), volume).isPresent()) {
            below.cryptsetup.close(volume);
            rename(volume, LvmNames.kept(instanceUuid, diskName));
        }
    }

    @Override
    public void restore(String instanceUuid, String diskName, Progress progress) {
        String volume = LvmNames.volume(instanceUuid, diskName);
        String kept = LvmNames.kept(instanceUuid, diskName);
        group.report().volume(group.name(), kept).ifPresent(found -> {
            if (found.readOnly()) {
                group.change(
                        commands.makeOrdinary(group.name(), kept),
                        "cannot make " + group.name() + "/" + kept + " writable");
            }
            below.cryptsetup.close(volume);
            retired.remove(volume, () -> rename(kept, volume), progress);
        });
        // Also when it had come so far before.
        group.report()
                .volume(group.name(), volume)
                .filter(disk -> !disk.active())
                .ifPresent(disk -> group.change(
                        commands.activate(group.name(), volume), "cannot activate " + group.name() + "/" + volume));
    }

    @Override
    public void discard(String instanceUuid, String diskName, Progress progress) {
        retired.remove(LvmNames.copy(instanceUuid, diskName), progress);
        retired.remove(LvmNames.kept(instanceUuid, diskName), progress);
    }

    @Override
    public List<String> list(String instanceUuid) {
        String prefix = LvmNames.KEPT_PREFIX + LvmNames.prefix(instanceUuid);
        return group.report().volumes(group.name()).stream()
                .map(LogicalVolume::name)
                .filter(name -> name.startsWith(prefix))
                .map(name -> LvmNames.disk(name.substring(LvmNames.KEPT_PREFIX.length())))
                .sorted()
                .toList();
    }

    private void rename(String from, String to) {
        group.change(commands.renameVolume(group.name(), from, to), "cannot rename " + group.name() + "/" + from);
    }
}
