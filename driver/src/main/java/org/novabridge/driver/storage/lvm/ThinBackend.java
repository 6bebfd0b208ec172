package org.novabridge.driver.storage.lvm;

import java.time.Clock;
import java.util.List;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.BackendCapabilities;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.DiskContent;
import org.novabridge.driver.storage.FileOwner;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.QemuImg;

/**
 * Disks on thin logical volumes, with Nova's names, so that stock Nova can reboot and delete their guests.
 *
 * <p>A root disk is a snapshot of its image's {@link BaseVolumes base} of the flavor's size: nothing is copied. All other disks are empty volumes of the pool, which take space where they are written. The pool
 * zeroes a block before a volume sees it, so nothing has to be zeroed at creation or wiped at removal.
 */
public final class ThinBackend extends VolumeBackend {
    /** How configuration, records and explanations call it. */
    public static final String NAME = "lvm-thin";

    private static final BackendCapabilities CAPABILITIES =
            new BackendCapabilities("block", "raw", true, false, true, false, true);

    private final ThinPoolSettings thin;
    private final ThinAdmission admission;
    private final BaseVolumes bases;

    /**
     * @throws BridgeException INVALID_CONFIGURATION when images_volume_group is not set or an option of the pool is bad
     */
    public ThinBackend(ConfigSnapshot config, CommandExecutor executor, FileOwner owner) {
        this(
                executor,
                LvmSettings.of(config),
                ThinPoolSettings.of(config, LvmSettings.of(config).group()),
                DeviceContents.of(config, executor, owner),
                BaseTimes.of(config, LvmSettings.of(config).group()));
    }

    ThinBackend(
            CommandExecutor executor,
            LvmSettings settings,
            ThinPoolSettings thin,
            VolumeContents contents,
            BaseTimes times) {
        this(executor, settings, thin, contents, times, new Cryptsetup(executor, settings.alarmAfter()));
    }

    ThinBackend(
            CommandExecutor executor,
            LvmSettings settings,
            ThinPoolSettings thin,
            VolumeContents contents,
            BaseTimes times,
            Cryptsetup cryptsetup) {
        super(
                executor,
                settings,
                new LockedGroup(executor, settings),
                contents,
                new Eraser(executor, settings),
                cryptsetup,
                CAPABILITIES);
        this.thin = thin;
        this.admission = new ThinAdmission(thin, settings.singleTenant());
        this.bases =
                new BaseVolumes(group, commands, contents, retired, this::pool, admission, times, Clock.systemUTC());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    boolean makes(LogicalVolume volume) {
        return volume.thin();
    }

    /** The pool in a group that is whole. */
    private ThinPool pool() {
        ThinPool pool = group.report().pool(settings.group(), thin.name()).orElseThrow(() -> {
            group.usable();
            return new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "volume group " + settings.group() + " has no thin pool " + thin.name()
                            + ", and [libvirt]images_lvm_type = thin needs it",
                    "make it: nova-bridge vg init; or name the one that is there: images_lvm_pool = …");
        });
        LockedGroup.demandWhole(pool.group());
        return pool;
    }

    @Override
    void demandRoom(long more) {
        group.locked(() -> {
            ThinPool now = pool();
            now.group().metadata().demand();
            admission.demand(now, more);
            return now;
        });
    }

    /** Question and claim are one step: two that ask at once are not promised the same room. */
    @Override
    PictureClaim claimPicture(LogicalVolume disk, long bytes) {
        return group.locked(() -> super.claimPicture(disk, bytes));
    }

    @Override
    String keptAs() {
        return "a snapshot";
    }

    @Override
    Made allocate(String volume, DiskContent content, Progress progress) {
        long bytes = Math.max(wantedSize(content), 1);
        if (content instanceof DiskContent.FromImage image) {
            return bases.with(
                    image.image(), bytes, progress, (now, beside) -> admit(now, volume, bytes, beside), (now, base) -> {
                        progress.report("clone the base of the image", -1);
                        group.change(
                                commands.ours(commands.cloneThin(settings.group(), base, volume), List.of()),
                                "cannot clone " + settings.group() + "/" + base);
                        return new Made(now.group().roundUp(bytes), QemuImg.Before.UNKNOWN);
                    });
        }
        return make(volume, bytes, List.of(), progress);
    }

    @Override
    public void warm(CachedImage image, Progress progress) {
        String unused = bases.with(image, image.virtualSize(), progress, (now, beside) -> {}, (now, base) -> base);
    }

    @Override
    public void demandReplaceable(String instanceUuid, CachedImage image) {
        String prefix = LvmNames.prefix(instanceUuid);
        bases.demandRoom(image, volume -> volume.name().startsWith(prefix));
    }

    @Override
    Made make(String volume, long bytes, List<String> tags, Progress progress) {
        progress.report("create the thin volume", -1);
        return group.locked(() -> {
            ThinPool now = pool();
            admit(now, volume, bytes, 0);
            long size = now.group().roundUp(bytes);
            group.change(
                    commands.ours(commands.createThin(settings.group(), now.name(), volume, size), tags),
                    "cannot create " + settings.group() + "/" + volume);
            return new Made(size, QemuImg.Before.ZERO);
        });
    }

    /** Without zeroing, the rest of a block of which a part is written shows what others have left there. */
    @Override
    void makeZero(String volume, long bytes, List<String> tags, Progress progress) {
        if (!pool().zeroing()) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "thin pool " + settings.group() + "/" + thin.name()
                            + " does not zero its blocks, so a disk of which only the written parts are brought would be"
                            + " another one here",
                    "lvchange --zero y " + settings.group() + "/" + thin.name());
        }
        make(volume, bytes, tags, progress);
    }

    /** @param beside bytes of a base that is yet to be made for it */
    private void admit(ThinPool now, String volume, long bytes, long beside) {
        if (now.volume(volume).isPresent()) {
            throw exists(volume);
        }
        now.group().metadata().demand();
        admission.demand(now, now.group().roundUp(bytes) + beside);
    }

    @Override
    void fill(String volume, DiskContent content, Made made, Progress progress) {
        if (progress.cancelled()) {
            throw new BridgeException(ErrorCode.CANCELLED, "cancelled while making " + volume);
        }
        // A snapshot of a base is whole, and as large as that.
        if (!(content instanceof DiskContent.FromImage)) {
            group.settle();
            contents.write(content, group.device(volume), made.holds(), progress);
        }
    }

    @Override
    LogicalVolume enlarge(LogicalVolume now, long bytes, Progress progress) {
        if (bytes > now.size()) {
            group.locked(() -> {
                ThinPool pool = pool();
                admission.demand(pool, pool.group().roundUp(bytes) - now.size());
                extend(now.name(), bytes);
                return pool;
            });
        }
        return now;
    }

    private void extend(String volume, long size) {
        group.change(
                commands.extendVolume(settings.group(), volume, size),
                "cannot grow " + settings.group() + "/" + volume);
    }
}
