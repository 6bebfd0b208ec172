package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;

/**
 * Makes a volume group of ours a clean one: a volume of all that is free is wiped as a deleted disk is, and removed;
 * then the group is tagged. Whoever dies in between leaves one more volume that waits for its wipe, in a group that
 * nobody calls clean. Disks that are there stay as they are; each is wiped when it is deleted.
 */
final class FreeSpaceWipe {
    private final CommandExecutor executor;
    private final LvmSettings settings;
    private final LvmCommands commands;
    private final LockedGroup group;
    private final RetiredVolumes retired;
    private final Progress progress;

    FreeSpaceWipe(CommandExecutor executor, LvmSettings settings, Progress progress) {
        this.executor = executor;
        this.settings = settings;
        this.commands = new LvmCommands(settings.alarmAfter());
        this.group = new LockedGroup(executor, settings);
        this.retired = new RetiredVolumes(settings, commands, group, new Eraser(executor, settings));
        this.progress = progress;
    }

    /**
     * @throws BridgeException INVALID_CONFIGURATION when nobody would have any good of it with these options
     */
    static FreeSpaceWipe of(ConfigSnapshot config, CommandExecutor executor, Progress progress) {
        LvmSettings settings = LvmSettings.of(config);
        if (config.get(LibvirtOptions.IMAGES_LVM_TYPE).equals("thin")) {
            throw pointless("images_lvm_type = thin: a thin pool zeroes each block before a guest sees it");
        }
        if (settings.singleTenant()) {
            throw pointless("images_lvm_single_tenant: nothing is zeroed for guests of one tenant");
        }
        if (!settings.wipesWhole()) {
            throw pointless("volume_clear and volume_clear_size: the first disk that is deleted would make the volume"
                    + " group a dirty one again");
        }
        return new FreeSpaceWipe(executor, settings, progress);
    }

    private static BridgeException pointless(String why) {
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "--wipe is of no use with [libvirt]" + why,
                "leave --wipe out, or use thick volumes with volume_clear = zero and volume_clear_size = 0");
    }

    /**
     * @param now the group; empty when it is still to be made
     */
    List<BootstrapStep> steps(Optional<VolumeGroup> now) {
        String name = settings.group();
        boolean begun = now.isPresent()
                && group.report().volume(name, LvmNames.FREE_SPACE).isPresent();
        if (!begun && now.filter(this::clean).isPresent()) {
            return List.of();
        }
        List<BootstrapStep> steps = new ArrayList<>();
        if (!begun && now.map(there -> there.free() > 0).orElse(true)) {
            steps.add(BootstrapStep.of(
                    executor,
                    commands.createOfFreeSpace(name, LvmNames.FREE_SPACE),
                    "cannot make a volume of all that is free in volume group " + name,
                    commands.removeVolume(name, LvmNames.FREE_SPACE),
                    this::exists));
            begun = true;
        }
        if (begun) {
            Command remove = commands.removeVolume(name, LvmNames.FREE_SPACE);
            steps.add(done(
                    "write zeroes to all of " + LvmNames.device(name, LvmNames.FREE_SPACE) + ", then " + remove,
                    () -> retired.finish(LvmNames.FREE_SPACE, progress)));
        }
        steps.add(new BootstrapStep(
                commands.addGroupTag(name, LvmNames.CLEAN_TAG).toString(),
                group::becomeClean,
                commands.removeGroupTag(name, LvmNames.CLEAN_TAG).toString(),
                () -> group.loseClean("vg init failed"),
                group::keepsClean));
        return steps;
    }

    /** A step with nothing to take back. */
    private static BootstrapStep done(String text, Runnable work) {
        return new BootstrapStep(text, work, "", () -> {}, () -> false);
    }

    private boolean exists() {
        return group.report().volume(settings.group(), LvmNames.FREE_SPACE).isPresent();
    }

    private boolean clean(VolumeGroup now) {
        return group.extents(now).clean();
    }

    /** LVM's exit says that it was tagged; this asks whether a disk would now be made without zeroing. */
    void verify(VolumeGroup now) {
        if (!clean(now)) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "volume group " + now.name() + " was wiped, and is not known to be clean: "
                            + group.extents(now).why(),
                    "does anything else change the group? Is state_path writable?");
        }
    }
}
