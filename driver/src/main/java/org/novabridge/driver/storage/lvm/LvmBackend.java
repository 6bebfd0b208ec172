package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.BackendCapabilities;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.FileSystemMaker;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;
import org.novabridge.driver.storage.QemuImgSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disks on thick logical volumes, with Nova's names and sizes (nova/virt/libvirt/imagebackend.py
 * 26.2.2, {@code Lvm}).
 *
 * <p>A new volume consists of extents that any other guest may have had, and not every way of deleting
 * wipes them (volume_clear = none, volume_clear_size, a volume removed by hand). So nothing of a disk is
 * ever left unwritten: what the image or the file system does not cover is zeroed, before the guest
 * can see it, unless all guests of the host belong to one tenant.
 *
 * <p>A volume that exists is never made again, refilled or taken away by a failing create (Nova does
 * that when the base image has left its cache).
 */
public final class LvmBackend implements ImageBackend {
    private static final Logger LOG = LoggerFactory.getLogger(LvmBackend.class);
    private static final BackendCapabilities CAPABILITIES =
            new BackendCapabilities("block", "raw", true, false, true, true, true);
    private static final long ALIGNMENT = 1 << 20;

    private final CommandExecutor executor;
    private final LvmSettings settings;
    private final VolumeContents contents;
    private final LvmCommands commands;
    private final LvmReport report;
    private final Eraser eraser;
    private final RetiredVolumes retired;

    /**
     * Held for changes of the group's metadata and never while data is written. Between processes LVM's
     * own lock does the same; this one keeps our threads from queueing as processes, and makes the
     * question for free space and the command that takes it one step.
     */
    private final ReentrantLock groupLock = new ReentrantLock();

    /**
     * @throws BridgeException INVALID_CONFIGURATION when images_volume_group is not set
     */
    public LvmBackend(ConfigSnapshot config, CommandExecutor executor, FileOwner owner) {
        this(executor, LvmSettings.of(config), contents(config, executor, owner));
    }

    LvmBackend(CommandExecutor executor, LvmSettings settings, VolumeContents contents) {
        this(executor, settings, contents, new Eraser(executor, settings.clearRate()));
    }

    LvmBackend(CommandExecutor executor, LvmSettings settings, VolumeContents contents, Eraser eraser) {
        this.executor = executor;
        this.settings = settings;
        this.contents = contents;
        this.eraser = eraser;
        this.commands = new LvmCommands(settings.alarmAfter());
        this.report = new LvmReport(executor, settings.alarmAfter());
        this.retired = new RetiredVolumes(settings, commands, report, eraser, this::change);
    }

    private static VolumeContents contents(ConfigSnapshot config, CommandExecutor executor, FileOwner owner) {
        QemuImgSettings limits = QemuImgSettings.of(config, owner);
        return new DeviceContents(new QemuImg(executor, limits), new FileSystemMaker(config, executor, limits));
    }

    @Override
    public String name() {
        return "lvm";
    }

    @Override
    public BackendCapabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public DiskSource locate(String instanceUuid, String diskName) {
        return new DiskSource.BlockSource(device(LvmNames.volume(instanceUuid, diskName)));
    }

    @Override
    public boolean exists(String instanceUuid, String diskName) {
        return report.volume(settings.group(), LvmNames.volume(instanceUuid, diskName))
                .isPresent();
    }

    @Override
    public List<String> list(String instanceUuid) {
        String prefix = LvmNames.prefix(instanceUuid);
        return report.volumes(settings.group()).stream()
                .map(LogicalVolume::name)
                .filter(name -> name.startsWith(prefix))
                .map(LvmNames::disk)
                .sorted()
                .toList();
    }

    @Override
    public void create(String instanceUuid, String diskName, DiskContent content, Progress progress) {
        String volume = LvmNames.volume(instanceUuid, diskName);
        if (settings.sparse()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[libvirt]sparse_logical_volumes = True: such a volume loses all its data when its 64 MiB of real"
                            + " space are full, so nova-bridge makes none",
                    "set sparse_logical_volumes = False");
        }
        long size = allocate(volume, wantedSize(content), progress);
        Path device = device(volume);
        try {
            fill(content, device, size, progress);
        } catch (RuntimeException | Error e) {
            undoCreate(volume, e);
            throw e;
        }
    }

    /** Bytes the disk must hold; refuses an image that is larger than its flavor's disk. */
    private static long wantedSize(DiskContent content) {
        if (content instanceof DiskContent.FromImage image) {
            Long flavor = image.sizeBytes();
            long virtual = image.image().virtualSize();
            if (flavor != null && flavor < virtual) {
                throw new BridgeException(
                        ErrorCode.FLAVOR_DISK_SMALLER_THAN_IMAGE,
                        "image " + image.image().imageId() + " has a virtual size of " + virtual
                                + " bytes, more than the flavor's disk of " + flavor + " bytes",
                        "use a flavor with a larger root_gb, or a smaller image");
            }
            return flavor == null ? virtual : flavor;
        } else if (content instanceof DiskContent.Blank blank) {
            return blank.sizeBytes();
        } else if (content instanceof DiskContent.Ephemeral ephemeral) {
            return ephemeral.sizeBytes();
        } else if (content instanceof DiskContent.Swap swap) {
            return swap.sizeBytes();
        } else {
            Path file = ((DiskContent.FromFile) content).file();
            try {
                return Files.size(file);
            } catch (IOException e) {
                throw new BridgeException(
                        ErrorCode.STORAGE_FAILED, "cannot read " + file + ": " + e.getMessage(), null, e);
            }
        }
    }

    private long allocate(String volume, long bytes, Progress progress) {
        progress.report("create the logical volume", -1);
        groupLock.lock();
        try {
            VolumeGroup group = usableGroup();
            if (report.volume(group.name(), volume).isPresent()) {
                throw new BridgeException(
                        ErrorCode.STORAGE_FAILED,
                        "logical volume " + group.name() + "/" + volume + " exists already; it was left as it is",
                        "delete the instance it belongs to, or find out whose it is before removing it by hand");
            }
            long size = group.roundUp(Math.max(bytes, 1));
            requireRoom(group, size);
            change(commands.createVolume(group.name(), volume, size), "cannot create " + group.name() + "/" + volume);
            return size;
        } finally {
            groupLock.unlock();
        }
    }

    private VolumeGroup usableGroup() {
        VolumeGroup group =
                report.group(settings.group()).orElseThrow(() -> LvmFailures.groupMissing(settings.group()));
        if (group.missingDevices() > 0 || group.exported()) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "volume group " + group.name()
                            + (group.exported()
                                    ? " is exported"
                                    : " misses " + group.missingDevices() + " of its devices"),
                    "see what is wrong with it: nova-bridge vg check");
        }
        return group;
    }

    private static void requireRoom(VolumeGroup group, long more) {
        if (more > group.free()) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FULL,
                    "volume group " + group.name() + " has " + group.free() + " bytes free, and " + more
                            + " are needed",
                    "delete guests, or add a device to it: vgextend " + group.name() + " <device>");
        }
    }

    private void fill(DiskContent content, Path device, long size, Progress progress) {
        if (content instanceof DiskContent.FromImage image) {
            // The image comes last and covers what the aligned start of the zeroes took of it.
            long covered = image.image().virtualSize() / ALIGNMENT * ALIGNMENT;
            zeroUnlessOneTenant(device, covered, size, progress);
            settle();
            contents.image(image, device, progress);
        } else if (content instanceof DiskContent.FromFile file) {
            zeroUnlessOneTenant(device, 0, size, progress);
            settle();
            contents.file(file.file(), device, progress);
        } else {
            zeroUnlessOneTenant(device, 0, size, progress);
            settle();
            if (content instanceof DiskContent.Ephemeral ephemeral) {
                contents.fileSystem(ephemeral, device, progress);
            } else if (content instanceof DiskContent.Swap) {
                contents.swap(device);
            }
        }
    }

    private void zeroUnlessOneTenant(Path device, long from, long to, Progress progress) {
        if (!settings.singleTenant() && from < to) {
            eraser.zero(device, from, to, "zero what the content does not cover", progress);
        }
    }

    /**
     * Waits for udev, which looks at a device each time that a writer has closed it and then sets its
     * owner again: a program of another user that the node is lent to would lose it.
     */
    private void settle() {
        try {
            executor.run(Command.of(Tool.UDEVADM, "settle", "--timeout=30").accepting(0, 1));
        } catch (CommandFailedException e) {
            LOG.debug("no udev to wait for: {}", e.getMessage());
        }
    }

    private void undoCreate(String volume, Throwable why) {
        try {
            retired.removeVolume(volume);
        } catch (RuntimeException e) {
            LOG.error(
                    "{}/{} could not be removed after a failed create; remove it with lvremove",
                    settings.group(),
                    volume);
            why.addSuppressed(e);
        }
    }

    @Override
    public void grow(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        String volume = LvmNames.volume(instanceUuid, diskName);
        LogicalVolume old = report.volume(settings.group(), volume)
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.DISK_NOT_FOUND,
                        "logical volume " + settings.group() + "/" + volume + " does not exist",
                        null));
        LogicalVolume now = old;
        groupLock.lock();
        try {
            VolumeGroup group = usableGroup();
            long size = group.roundUp(sizeBytes);
            if (size > old.size()) {
                requireRoom(group, size - old.size());
                if (!settings.singleTenant() && old.cleanTo().isEmpty()) {
                    // Before the size, so that a crash leaves a note of what is still to be zeroed.
                    change(
                            commands.addTag(group.name(), volume, LvmNames.CLEAN_TO_TAG + old.size()),
                            "cannot tag " + volume);
                }
                change(commands.extendVolume(group.name(), volume, size), "cannot grow " + group.name() + "/" + volume);
                now = report.volume(group.name(), volume).orElse(old);
            }
        } finally {
            groupLock.unlock();
        }
        retired.finishGrowth(now, progress);
    }

    @Override
    public void remove(String instanceUuid, String diskName, Progress progress) {
        retired.remove(LvmNames.volume(instanceUuid, diskName), progress);
    }

    /**
     * Resumes devices of the group that a dead command has left suspended: every access to them hangs. To be
     * called at the start, when no LVM command of an earlier bridge runs any more.
     *
     * @return what could not be resumed, in sentences; empty when all is well
     */
    public List<String> resumeSuspended() {
        return retired.resumeSuspended();
    }

    /**
     * Finishes what a crash has interrupted: zeroes the rest of volumes that were growing, and wipes and
     * removes the volumes that wait for it. To be called once, at the start; it may take long.
     *
     * @return what could not be finished, in sentences; empty when all is well
     */
    public List<String> resumeWipes(Progress progress) {
        return retired.resume(progress);
    }

    private void change(Command command, String otherwise) {
        groupLock.lock();
        try {
            executor.run(command);
        } catch (CommandFailedException e) {
            throw LvmFailures.of(e, otherwise);
        } finally {
            groupLock.unlock();
        }
    }

    private Path device(String volume) {
        return LvmNames.device(settings.group(), volume);
    }
}
