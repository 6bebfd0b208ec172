package org.novabridge.driver.storage.lvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskSource;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.BackendCapabilities;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.DiskSnapshots;
import org.novabridge.driver.storage.DiskState;
import org.novabridge.driver.storage.DiskStreams;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disks on logical volumes with Nova's names (nova/virt/libvirt/imagebackend.py 26.2.2, {@code Lvm}),
 * whatever kind of volume it is.
 *
 * <p>A volume that exists is never made again, refilled or taken away by a failing create (Nova does
 * that when the base image has left its cache).
 */
abstract class VolumeBackend implements ImageBackend {
    private static final Logger LOG = LoggerFactory.getLogger(VolumeBackend.class);
    private static final long ALIGNMENT = 1 << 20;

    final LvmSettings settings;
    final LockedGroup group;
    final LvmCommands commands;
    final VolumeContents contents;
    final RetiredVolumes retired;
    final Cryptsetup cryptsetup;
    private final Eraser eraser;
    private final CommandExecutor executor;
    private final BackendCapabilities capabilities;

    VolumeBackend(
            CommandExecutor executor,
            LvmSettings settings,
            LockedGroup group,
            VolumeContents contents,
            Eraser eraser,
            Cryptsetup cryptsetup,
            BackendCapabilities capabilities) {
        this.executor = executor;
        this.settings = settings;
        this.group = group;
        this.contents = contents;
        this.commands = new LvmCommands(settings.alarmAfter());
        this.retired = new RetiredVolumes(settings, commands, group, eraser);
        this.cryptsetup = cryptsetup;
        this.eraser = eraser;
        this.capabilities = capabilities;
    }

    /** Whether this backend makes volumes of this kind. */
    abstract boolean makes(LogicalVolume volume);

    /**
     * Whether so much more fits where this backend makes volumes.
     *
     * @param more bytes, in whole extents
     * @throws BridgeException STORAGE_FULL, VOLUME_GROUP_UNUSABLE
     */
    abstract void demandRoom(long more);

    /**
     * Promises the picture of a thin volume its room, as long as the claim is not closed.
     *
     * @param bytes that it may come to hold
     * @throws BridgeException as {@link #demandRoom}
     */
    PictureClaim claimPicture(LogicalVolume disk, long bytes) {
        demandRoom(bytes);
        return PictureClaim.take(group.name(), disk.pool(), bytes);
    }

    /** What {@link KeptVolumes} makes of a disk, in the operator's words. */
    abstract String keptAs();

    /**
     * A volume that was just made.
     *
     * @param size bytes
     * @param holds what is read from it
     */
    record Made(long size, QemuImg.Before holds) {}

    /**
     * Makes an empty volume, which does not exist yet.
     *
     * @param bytes the least that it must hold
     * @param tags which it has from its first moment on
     */
    abstract Made make(String volume, long bytes, List<String> tags, Progress progress);

    /**
     * Makes a volume that does not exist yet and reads as zero everywhere, whoever its space was given to before.
     *
     * @param bytes the least that it must hold
     * @param tags which it has from its first moment on
     */
    abstract void makeZero(String volume, long bytes, List<String> tags, Progress progress);

    /** Makes the volume, which does not exist yet. */
    abstract Made allocate(String volume, DiskContent content, Progress progress);

    /**
     * Completes a new volume, so that it has the wanted size and nothing but its content can be read from it.
     *
     * @param made what {@link #allocate} gave
     */
    abstract void fill(String volume, DiskContent content, Made made, Progress progress);

    /**
     * Makes a volume at least so large; never smaller. What it gains is left as it is.
     *
     * @param now as it was reported just before
     * @return it, with the note of what must be zeroed before a guest may see it
     */
    abstract LogicalVolume enlarge(LogicalVolume now, long bytes, Progress progress);

    @Override
    public final BackendCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public final DiskSource locate(String instanceUuid, String diskName) {
        return new DiskSource.BlockSource(group.device(LvmNames.volume(instanceUuid, diskName)));
    }

    @Override
    public final boolean exists(String instanceUuid, String diskName) {
        return group.report()
                .volume(settings.group(), LvmNames.volume(instanceUuid, diskName))
                .isPresent();
    }

    /** A whole volume, and none of Nova's sparse ones: what is done to those can cost their data. */
    @Override
    public final void demandTakeable(String instanceUuid, String diskName, String format) {
        ImageBackend.super.demandTakeable(instanceUuid, diskName, format);
        LogicalVolume volume = group.existing(LvmNames.volume(instanceUuid, diskName));
        if (volume.snapshot()) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "logical volume " + settings.group() + "/" + volume.name()
                            + " is a sparse one of Nova's (sparse_logical_volumes), which loses its data when the space behind"
                            + " it is full: it is not taken over",
                    "copy it into a whole volume of its name while its guest is off, then ask again");
        }
    }

    @Override
    public final void demandPlace() {
        group.usable();
    }

    @Override
    public final DiskState state(String instanceUuid, String diskName) {
        return group.report()
                .volume(settings.group(), LvmNames.volume(instanceUuid, diskName))
                .map(volume -> volume.cleanTo().isPresent() ? DiskState.GROWING : DiskState.READY)
                .orElse(DiskState.MISSING);
    }

    @Override
    public final List<String> list(String instanceUuid) {
        String prefix = LvmNames.prefix(instanceUuid);
        return group.report().volumes(settings.group()).stream()
                .filter(this::makes)
                .map(LogicalVolume::name)
                .filter(name -> name.startsWith(prefix))
                .map(LvmNames::disk)
                .sorted()
                .toList();
    }

    @Override
    public final void create(String instanceUuid, String diskName, DiskContent content, Progress progress) {
        String volume = LvmNames.volume(instanceUuid, diskName);
        refuseSparse();
        Made made = allocate(volume, content, progress);
        orRemoved(volume, () -> fill(volume, content, made, progress));
    }

    /** @throws BridgeException INVALID_CONFIGURATION when the volumes would be Nova's sparse ones */
    final void refuseSparse() {
        if (settings.sparse()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[libvirt]sparse_logical_volumes = True: such a volume loses all its data when its 64 MiB of real"
                            + " space are full, so nova-bridge makes none",
                    "set sparse_logical_volumes = False; images_lvm_type = thin gives space only where it is written");
        }
    }

    /**
     * Zeroes what the content will not cover of a new disk, where that may be another tenant's and matters.
     *
     * @param device through which the guest will see the disk
     * @param size bytes of the disk
     */
    final void zeroUncovered(Path device, Made made, long size, DiskContent content, Progress progress) {
        if (made.holds() == QemuImg.Before.ZERO) {
            progress.report("the extents are clean: nothing is zeroed", -1);
            return;
        }
        // The image comes last and covers what the aligned start of the zeroes took of it.
        long covered = content instanceof DiskContent.FromImage image
                ? image.image().virtualSize() / ALIGNMENT * ALIGNMENT
                : 0;
        if (!settings.singleTenant() && covered < size) {
            eraser.zero(device, covered, size, "zero what the content does not cover", progress, Eraser.UNNOTED);
        }
    }

    /** Every byte of a volume, also where all guests belong to one tenant. */
    final void zeroAll(String volume, long size, Progress progress) {
        eraser.zero(group.device(volume), 0, size, "zero the volume", progress, Eraser.UNNOTED);
    }

    /** Completes a new volume, or takes it away. */
    final void orRemoved(String volume, Runnable completing) {
        try {
            completing.run();
        } catch (RuntimeException | Error e) {
            undoCreate(volume, e);
            throw e;
        }
    }

    private void undoCreate(String volume, Throwable why) {
        try {
            cryptsetup.close(volume);
            retired.discard(volume);
        } catch (RuntimeException e) {
            LOG.error(
                    "{}/{} could not be removed after a failed create; remove it with lvremove",
                    settings.group(),
                    volume);
            why.addSuppressed(e);
        }
    }

    /** Bytes the disk must hold; refuses an image that is larger than its flavor's disk. */
    static long wantedSize(DiskContent content) {
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
                        ErrorCode.STORAGE_FAILED,
                        "cannot read " + file + ", which a disk is to be made of: " + e.getMessage(),
                        "is it there, and may the bridge read it? ls -l " + file,
                        e);
            }
        }
    }

    /** What belongs to the volume already: never taken for a new one's. */
    final BridgeException exists(String volume) {
        return new BridgeException(
                ErrorCode.STORAGE_FAILED,
                "logical volume " + settings.group() + "/" + volume + " exists already; it was left as it is",
                "delete the instance it belongs to, or find out whose it is before removing it by hand");
    }

    @Override
    public final void grow(String instanceUuid, String diskName, long sizeBytes, Progress progress) {
        LogicalVolume now = group.existing(LvmNames.volume(instanceUuid, diskName));
        retired.finishGrowth(enlarge(now, sizeBytes, progress), progress);
    }

    @Override
    public final void remove(String instanceUuid, String diskName, Progress progress) {
        String volume = LvmNames.volume(instanceUuid, diskName);
        // Also of a disk that stock Nova has made: its mapping holds the volume open.
        cryptsetup.close(volume);
        retired.remove(volume, progress);
    }

    @Override
    public final Optional<DiskSnapshots> snapshots() {
        return Optional.of(new VolumeSnapshots(group, commands, retired, this::claimPicture));
    }

    @Override
    public final Optional<KeptDisks> kept() {
        return Optional.of(new KeptVolumes(this, unused -> 0));
    }

    @Override
    public final Optional<DiskStreams> streams() {
        return Optional.of(volumeStreams());
    }

    final VolumeStreams volumeStreams() {
        return new VolumeStreams(this, group, new ThinMap(executor, group, settings));
    }

    /**
     * Removes bases whose fill a crash has interrupted, and the devices of those that nobody reads. At the start: later there
     * are also those just being filled.
     */
    public final void tidyBases() {
        retired.tidyBases();
    }

    /**
     * The volumes whose wipe a crash has interrupted. To be asked at the start, before anything is removed: later there
     * are also those that an operation is just wiping.
     */
    public final List<String> interruptedWipes() {
        return retired.interrupted();
    }

    /**
     * Finishes one of {@link #interruptedWipes}: wipes and removes the volume. It may take long.
     *
     * @throws BridgeException VOLUMES_NOT_REMOVED when it cannot be done now; the next start tries again
     */
    public final void finishWipe(String volume, Progress progress) {
        retired.finish(volume, progress);
    }
}
