package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.List;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.BackendCapabilities;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disks on thick logical volumes, with Nova's sizes.
 *
 * <p>A new volume consists of extents that any other guest may have had, and not every way of deleting
 * wipes them (volume_clear = none, volume_clear_size, a volume removed by hand). So nothing of a disk is
 * ever left unwritten: what the image or the file system does not cover is zeroed, before the guest
 * can see it, unless all guests of the host belong to one tenant.
 */
public final class LvmBackend extends VolumeBackend {
    /** How configuration, records and explanations call it. */
    public static final String NAME = "lvm";

    private static final Logger LOG = LoggerFactory.getLogger(LvmBackend.class);
    private static final BackendCapabilities CAPABILITIES =
            new BackendCapabilities("block", "raw", true, false, true, true, true);

    private final RoomWait room;

    /**
     * @throws BridgeException INVALID_CONFIGURATION when images_volume_group is not set
     */
    public LvmBackend(ConfigSnapshot config, CommandExecutor executor, FileOwner owner) {
        this(executor, LvmSettings.of(config), DeviceContents.of(config, executor, owner));
    }

    LvmBackend(CommandExecutor executor, LvmSettings settings, VolumeContents contents) {
        this(executor, settings, contents, new Eraser(executor, settings));
    }

    LvmBackend(CommandExecutor executor, LvmSettings settings, VolumeContents contents, Eraser eraser) {
        this(executor, settings, contents, eraser, new Cryptsetup(executor, settings.alarmAfter()));
    }

    LvmBackend(
            CommandExecutor executor,
            LvmSettings settings,
            VolumeContents contents,
            Eraser eraser,
            Cryptsetup cryptsetup) {
        super(executor, settings, new LockedGroup(executor, settings), contents, eraser, cryptsetup, CAPABILITIES);
        this.room = new RoomWait(group, settings.wipeWait());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    boolean makes(LogicalVolume volume) {
        return !volume.thin();
    }

    @Override
    Made allocate(String volume, DiskContent content, Progress progress) {
        return make(volume, wantedSize(content), List.of(), progress);
    }

    @Override
    Made make(String volume, long bytes, List<String> tags, Progress progress) {
        progress.report("create the logical volume", -1);
        return room.take(
                usable -> {
                    usable.metadata().demand();
                    return usable.roundUp(Math.max(bytes, 1));
                },
                progress,
                usable -> make(usable, volume, usable.roundUp(Math.max(bytes, 1)), tags));
    }

    private Made make(VolumeGroup usable, String volume, long size, List<String> tags) {
        Extents extents = group.extents(usable);
        LOG.info("{} is made of {} extents: {}", volume, extents.state().word(), extents.why());
        // LVM itself refuses a name that is taken, and touches nothing then.
        group.change(
                usable,
                commands.ours(commands.createVolume(usable.name(), volume, size), tags),
                "cannot create " + usable.name() + "/" + volume);
        return new Made(size, extents.clean() ? QemuImg.Before.ZERO : QemuImg.Before.UNKNOWN);
    }

    @Override
    void makeZero(String volume, long bytes, List<String> tags, Progress progress) {
        Made made = make(volume, bytes, tags, progress);
        orRemoved(volume, () -> {
            if (made.holds() == QemuImg.Before.UNKNOWN) {
                zeroAll(volume, made.size(), progress);
            }
        });
    }

    @Override
    void demandRoom(long more) {
        room.take(
                usable -> {
                    usable.metadata().demand();
                    return more;
                },
                Progress.NONE,
                usable -> usable);
    }

    @Override
    String keptAs() {
        return "a full copy";
    }

    @Override
    void fill(String volume, DiskContent content, Made made, Progress progress) {
        Path device = group.device(volume);
        zeroUncovered(device, made, made.size(), content, progress);
        group.settle();
        contents.write(content, device, made.holds(), progress);
    }

    @Override
    LogicalVolume enlarge(LogicalVolume now, long bytes, Progress progress) {
        return room.take(
                usable -> Math.max(0, usable.roundUp(bytes) - now.size()),
                progress,
                usable -> extend(usable, now, bytes));
    }

    private LogicalVolume extend(VolumeGroup usable, LogicalVolume old, long sizeBytes) {
        String volume = old.name();
        long size = usable.roundUp(sizeBytes);
        if (size <= old.size()) {
            return old;
        }
        Extents extents = group.extents(usable);
        LOG.info("{} grows by {} extents: {}", volume, extents.state().word(), extents.why());
        if (extents.state() == Extents.State.DIRTY && old.cleanTo().isEmpty()) {
            // Before the size, so that a crash leaves a note of what is still to be zeroed.
            group.change(
                    usable,
                    commands.addTag(usable.name(), volume, LvmNames.CLEAN_TO_TAG + old.size()),
                    "cannot tag " + usable.name() + "/" + volume);
        }
        group.change(commands.extendVolume(usable.name(), volume, size), "cannot grow " + usable.name() + "/" + volume);
        return group.report().volume(usable.name(), volume).orElse(old);
    }
}
