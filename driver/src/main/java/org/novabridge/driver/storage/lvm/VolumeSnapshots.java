package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.Progress;

/**
 * Pictures of disks on logical volumes: {@code nb-snap-<id of the operation>}.
 *
 * <p>That of a thin volume shares all blocks with it and takes space only where the disk is written: at most what the
 * disk has taken, and the pool must be able to promise that, or the guest has to stand still for its image. That of a thick volume keeps a copy of each block that the guest overwrites meanwhile, in a store whose size must be said
 * (lvcreate(8), {@code --snapshot}); when the store is full the picture is worthless, and the guest feels nothing.
 */
final class VolumeSnapshots implements DiskSnapshots {
    /** What is overwritten while an image is made is seldom more than this part of the disk. */
    private static final int SMALLEST_PART = 5;

    private static final long SMALLEST_BYTES = 1L << 30;

    /** Of each chunk of 4 KiB that is copied dm-snapshot notes 16 bytes, in chunks of their own. */
    private static final int CHUNKS_PER_NOTES = 256;

    private static final long FIXED_NOTES = 64 << 10;

    private final LockedGroup group;
    private final LvmCommands commands;
    private final RetiredVolumes retired;
    private final Promise promise;

    /** Promises the picture of a thin volume that many bytes, or throws when its pool must not. */
    @FunctionalInterface
    interface Promise {
        PictureClaim claim(LogicalVolume disk, long bytes);
    }

    VolumeSnapshots(LockedGroup group, LvmCommands commands, RetiredVolumes retired, Promise promise) {
        this.group = group;
        this.commands = commands;
        this.retired = retired;
        this.promise = promise;
    }

    @Override
    public <T> T choose(String instanceUuid, String diskName, Function<Choice, T> use) {
        LogicalVolume disk = group.existing(LvmNames.volume(instanceUuid, diskName));
        VolumeGroup usable = group.usable();
        usable.metadata().demand();
        if (disk.thin()) {
            return ofThin(disk, use);
        }
        return use.apply(ofThick(disk, usable));
    }

    private Choice ofThick(LogicalVolume disk, VolumeGroup usable) {
        if (disk.snapshot()) {
            return new Choice(null, "the disk's volume is itself a snapshot, of which LVM makes no other");
        }
        long least = usable.roundUp(smallest(disk));
        if (usable.free() < least) {
            return new Choice(
                    null,
                    "a snapshot of the thick volume needs " + least + " bytes for what the guest overwrites"
                            + " meanwhile, and volume group " + usable.name() + " has " + usable.free() + " free");
        }
        // Enough for all of the disk when that leaves as much to disks that are made meanwhile, else half of what is
        // free.
        long store = Math.max(least, Math.min(usable.roundUp(whole(disk)), usable.roundUp(usable.free() / 2)));
        return new Choice(
                id -> take(disk, commands.snapshotThick(group.name(), disk.name(), LvmNames.snapshot(id), store)),
                "volume group " + usable.name() + " has room for a snapshot of the thick volume: " + store
                        + " bytes for what the guest overwrites meanwhile");
    }

    private <T> T ofThin(LogicalVolume disk, Function<Choice, T> use) {
        // Of a volume without a device LVM does not say what it has taken.
        long most = disk.active() ? disk.allocated() : disk.size();
        PictureClaim claim;
        try {
            claim = promise.claim(disk, most);
        } catch (BridgeException e) {
            if (e.code() != ErrorCode.STORAGE_FULL && e.code() != ErrorCode.VOLUME_GROUP_UNUSABLE) {
                throw e;
            }
            return use.apply(new Choice(null, "the pool takes no snapshot of the thin volume: " + e.getMessage()));
        }
        try {
            return use.apply(new Choice(
                    id -> take(disk, most, claim, id),
                    "the disk is a thin volume: a snapshot of it copies nothing, and the guest stands still only"
                            + " while it is taken"));
        } finally {
            PictureClaim unused = group.locked(() -> {
                claim.close();
                return claim;
            });
        }
    }

    /** Its room is claimed until it is there. Without a question to LVM: the guest stands still. */
    private void take(LogicalVolume disk, long most, PictureClaim claim, String id) {
        PictureClaim unused = group.locked(() -> {
            try (claim) {
                claim.demandHeld();
                take(disk, commands.pictureThin(group.name(), disk.name(), LvmNames.snapshot(id), most));
                return claim;
            }
        });
    }

    private void take(LogicalVolume disk, Command command) {
        group.change(command, "cannot take a snapshot of " + group.name() + "/" + disk.name());
    }

    private static long whole(LogicalVolume disk) {
        return disk.size() + disk.size() / CHUNKS_PER_NOTES + FIXED_NOTES;
    }

    private static long smallest(LogicalVolume disk) {
        return Math.min(whole(disk), Math.max(disk.size() / SMALLEST_PART, SMALLEST_BYTES));
    }

    @Override
    public Path open(String instanceUuid, String diskName, String id) {
        String snapshot = LvmNames.snapshot(id);
        if (!group.existing(snapshot).active()) {
            group.change(
                    commands.activateSkipped(group.name(), snapshot),
                    "cannot activate " + group.name() + "/" + snapshot);
        }
        group.settle();
        return group.device(snapshot);
    }

    @Override
    public Optional<String> lost(String id) {
        return group.report()
                .volume(group.name(), LvmNames.snapshot(id))
                .filter(LogicalVolume::overflowed)
                .map(snapshot -> "the guest overwrote more of its disk than the store of snapshot " + group.name() + "/"
                        + snapshot.name() + " holds, while it was read");
    }

    @Override
    public void remove(String id, Progress progress) {
        String snapshot = LvmNames.snapshot(id);
        Optional<LogicalVolume> found = group.report().volume(group.name(), snapshot);
        if (found.isEmpty()) {
            return;
        }
        if (!found.get().thin() && retired.wipes()) {
            makeWipeable(found.get());
        }
        retired.remove(snapshot, progress);
    }

    /**
     * The store of a thick picture holds what the guest had on its disk, also when it was full: it is wiped as the disk
     * would be. One that is parted already was left so by a bridge that died here.
     */
    private void makeWipeable(LogicalVolume picture) {
        if (picture.snapshot()) {
            group.settle();
            group.change(
                    commands.splitSnapshot(group.name(), picture.name()),
                    "cannot part " + group.name() + "/" + picture.name() + " from its disk");
        }
        if (picture.readOnly()) {
            group.change(
                    commands.writable(group.name(), picture.name()),
                    "cannot make " + group.name() + "/" + picture.name() + " writable");
        }
    }
}
