package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongConsumer;
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
 */
final class KeptVolumes implements KeptDisks {
    private final LockedGroup group;
    private final LvmCommands commands;
    private final RetiredVolumes retired;
    private final VolumeContents contents;
    private final String word;
    private final LongConsumer room;

    /**
     * @param word for {@link #word}
     * @param room throws when so many bytes more do not fit
     */
    KeptVolumes(
            LockedGroup group,
            LvmCommands commands,
            RetiredVolumes retired,
            VolumeContents contents,
            String word,
            LongConsumer room) {
        this.group = group;
        this.commands = commands;
        this.retired = retired;
        this.contents = contents;
        this.word = word;
        this.room = room;
    }

    @Override
    public String word() {
        return word;
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
        room.accept(more);
    }

    /** What is kept, counted in full: a thin snapshot may come to hold all that its disk loses. */
    private static long more(VolumeGroup usable, @Nullable LogicalVolume now, Demand disk) {
        long has = now == null ? 0 : now.size();
        long wanted = disk.sizeBytes() == null ? 0 : usable.roundUp(disk.sizeBytes());
        return disk.way() == Way.BESIDE ? has + Math.max(0, wanted - has) : wanted;
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
                    commands.snapshotThin(group.name(), disk.name(), kept),
                    "cannot take a snapshot of " + group.name() + "/" + disk.name());
            return;
        }
        String copy = LvmNames.copy(instanceUuid, diskName);
        Path device = group.device(copy);
        group.change(
                commands.createVolume(group.name(), copy, disk.size()), "cannot create " + group.name() + "/" + copy);
        group.settle();
        contents.write(new DiskContent.FromFile(group.device(disk.name())), device, QemuImg.Before.UNKNOWN, progress);
        rename(copy, kept);
    }

    @Override
    public void setAside(String instanceUuid, String diskName) {
        String volume = LvmNames.volume(instanceUuid, diskName);
        if (group.report().volume(group.name(), volume).isPresent()) {
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
