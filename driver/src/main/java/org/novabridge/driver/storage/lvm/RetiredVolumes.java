package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.LaterWork;
import org.novabridge.driver.storage.Progress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Volumes on their way out, and those whose growth is not finished. Such a growth is finished by who starts the guest or
 * grows it again, never beside them: a guest that runs meanwhile would lose what it writes. A volume that is to be wiped first
 * takes a name of ours that no instance has, so that a crash in the middle of the wipe neither gives a
 * half-wiped disk back to its guest nor forgets the wipe: the next start finds it by that name.
 */
final class RetiredVolumes {
    private static final Logger LOG = LoggerFactory.getLogger(RetiredVolumes.class);

    /** udev and blkid open a device for moments after somebody else has closed it. */
    private static final int ATTEMPTS = 20;

    private static final long WAIT_MILLIS = 250;

    /** What lvremove says of a volume that is held (lvm2 2.03, lv_check_not_in_use). */
    private static final List<String> HELD = List.of("in use", "is used by another device");

    private static final String WIPING = "wipe the volume";

    private final LvmSettings settings;
    private final LvmCommands commands;
    private final LockedGroup group;
    private final LvmReport report;
    private final Eraser eraser;
    private final DeviceHolders holders;

    RetiredVolumes(LvmSettings settings, LvmCommands commands, LockedGroup group, Eraser eraser) {
        this(settings, commands, group, eraser, DeviceHolders.ofThisHost());
    }

    /** @param holders who has a volume open; replaced in tests */
    RetiredVolumes(
            LvmSettings settings, LvmCommands commands, LockedGroup group, Eraser eraser, DeviceHolders holders) {
        this.settings = settings;
        this.commands = commands;
        this.group = group;
        this.report = group.report();
        this.eraser = eraser;
        this.holders = holders;
    }

    /** Whether what is removed is overwritten first. */
    boolean wipes() {
        return settings.clear() != LvmSettings.Clear.NONE;
    }

    /**
     * Wipes as configured and removes; a missing volume is success, a missing group is not. The wipe is left to who takes
     * it over ({@link Progress#leave}): the volume has its last name then, and is removed later.
     */
    void remove(String name, Progress progress) {
        remove(name, () -> {}, progress);
    }

    /** @param nameIsFree runs as soon as another volume may have the name: before the wipe, which may take long */
    void remove(String name, Runnable nameIsFree, Progress progress) {
        Optional<LogicalVolume> found = group.find(name);
        if (found.isEmpty()) {
            nameIsFree.run();
            return;
        }
        LogicalVolume volume = closed(found.get());
        if (!wipes() || volume.snapshot() || volume.thin()) {
            // Writing over a snapshot would fill its small store and hit nothing of what is below; the blocks of a
            // thin volume are zeroed by its pool before another volume sees them.
            removeVolume(name);
            nameIsFree.run();
            return;
        }
        activate(volume);
        // One that was given back to a guest by hand is not taken for half wiped.
        new ByteTag(group, commands, volume, LvmNames.WIPED_TO_TAG).remove();
        String wiped = LvmNames.wiped(settings.group(), name, randomHex());
        // Ours before it has the name, so that nobody who looks for that name is quicker.
        WaitingWipe waiting = new WaitingWipe(volume.asNew(wiped), claim(wiped));
        boolean left = false;
        try {
            group.change(
                    commands.renameVolume(settings.group(), name, wiped),
                    "cannot rename " + settings.group() + "/" + name);
            nameIsFree.run();
            left = progress.leave(waiting);
            if (!left) {
                waiting.finish(progress);
            }
        } finally {
            if (!left) {
                waiting.over();
            }
        }
    }

    /** A wipe that is claimed from the moment on in which its volume has its last name. */
    private final class WaitingWipe implements LaterWork {
        private final LogicalVolume retired;
        private final WipeClaim claim;
        private volatile boolean done;
        private boolean over;

        private WaitingWipe(LogicalVolume retired, WipeClaim claim) {
            this.retired = retired;
            this.claim = claim;
        }

        @Override
        public String volume() {
            return retired.name();
        }

        @Override
        public void finish(Progress progress) {
            wipeAndRemove(retired, progress);
            done = true;
        }

        /** One that is not done is given up, before somebody else may claim it. */
        @Override
        public synchronized void over() {
            if (over) {
                return;
            }
            over = true;
            if (!done) {
                claim.giveUp();
            }
            claim.close();
        }
    }

    private static void claimed(WipeClaim claim, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            claim.giveUp();
            throw e;
        }
    }

    private WipeClaim claim(String name) {
        return WipeClaim.take(settings.group(), name)
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.VOLUMES_NOT_REMOVED,
                        "logical volume " + settings.group() + "/" + name + " is being wiped already",
                        "wait for that: nova-bridge operation list"));
    }

    /** A volume that is not active has no device to write to (the host was started with it left out). */
    void activate(LogicalVolume volume) {
        if (!volume.active()) {
            group.change(
                    commands.activate(settings.group(), volume.name()),
                    "cannot activate " + settings.group() + "/" + volume.name());
        }
    }

    /** Refuses a volume that somebody goes on holding open: a guest that still runs, a snapshot upload. */
    private LogicalVolume closed(LogicalVolume volume) {
        LogicalVolume now = volume;
        for (int attempt = 1; now.open() && attempt < ATTEMPTS; attempt++) {
            sleep();
            now = report.volume(settings.group(), volume.name()).orElse(now);
        }
        if (now.open()) {
            DeviceHolders.Found holder = holder(volume.name());
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    "logical volume " + settings.group() + "/" + volume.name() + " is open, so it was neither wiped nor"
                            + " removed" + holder.who(),
                    holder.remedy());
        }
        return now;
    }

    private DeviceHolders.Found holder(String name) {
        return holders.of(LvmNames.device(settings.group(), name), LvmCommands.mapperName(settings.group(), name));
    }

    private void wipeAndRemove(LogicalVolume volume, Progress progress) {
        String name = volume.name();
        boolean zeroed = settings.wipesWhole() && !volume.origin();
        if (!zeroed) {
            group.loseClean(name + " is removed without zeroes over all of it, as volume_clear says");
        }
        Path device = LvmNames.device(settings.group(), name);
        long bytes = settings.clearBytes() == 0 ? volume.size() : Math.min(settings.clearBytes(), volume.size());
        try {
            switch (settings.clear()) {
                case ZERO -> {
                    long from = Math.min(volume.wipedTo().orElse(0), bytes);
                    eraser.wipe(
                            device,
                            from,
                            bytes,
                            WIPING,
                            progress,
                            new ByteTag(group, commands, volume, LvmNames.WIPED_TO_TAG)::moveTo);
                }
                case SHRED -> eraser.shred(device, bytes, progress);
                case NONE -> LOG.debug("{} is removed without a wipe, as configured", name);
            }
        } catch (BridgeException e) {
            if (e.code() == ErrorCode.CANCELLED || e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    "the wipe of a deleted disk failed: " + e.getMessage(),
                    "its volume is kept as " + settings.group() + "/" + name
                            + " and wiped at the next start of the bridge; is its device broken? See the kernel's log",
                    e);
        }
        removeNow(name);
    }

    /** Takes away a new volume that never became a guest's, whatever of its content is written. */
    void discard(String name) {
        if (group.keepsClean()) {
            remove(name, Progress.NONE);
        } else {
            removeNow(name);
        }
    }

    /** Removes without a wipe. */
    void removeVolume(String name) {
        group.loseClean(name + " is removed without a wipe");
        removeNow(name);
    }

    /** Repeated while udev has the device open. */
    private void removeNow(String name) {
        for (int attempt = 1; ; attempt++) {
            try {
                group.change(
                        commands.removeVolume(settings.group(), name),
                        "cannot remove " + settings.group() + "/" + name);
                return;
            } catch (BridgeException e) {
                if (group.find(name).isEmpty()) {
                    return;
                }
                String said = String.valueOf(e.getMessage());
                boolean held = HELD.stream().anyMatch(said::contains);
                if (!held) {
                    throw new BridgeException(ErrorCode.VOLUMES_NOT_REMOVED, said, e.remedy(), e);
                }
                if (attempt >= ATTEMPTS) {
                    DeviceHolders.Found holder = holder(name);
                    throw new BridgeException(ErrorCode.VOLUMES_NOT_REMOVED, said + holder.who(), holder.remedy(), e);
                }
                sleep();
            }
        }
    }

    /** Zeroes what a volume has gained, and takes the note of it away. */
    void finishGrowth(LogicalVolume volume, Progress progress) {
        finishGrowth(volume, LvmNames.device(settings.group(), volume.name()), 0, progress);
    }

    /**
     * The same through a device that lies on the volume.
     *
     * @param begin where on the volume it begins
     */
    void finishGrowth(LogicalVolume volume, Path device, long begin, Progress progress) {
        if (volume.cleanTo().isEmpty()) {
            return;
        }
        ByteTag cleanTo = new ByteTag(group, commands, volume, LvmNames.CLEAN_TO_TAG);
        eraser.zero(
                device,
                volume.cleanTo().getAsLong() - begin,
                volume.size() - begin,
                "zero what the volume has gained",
                progress,
                done -> cleanTo.moveTo(begin + done));
        cleanTo.remove();
    }

    /** The volumes whose wipe was interrupted, or goes on now. */
    List<String> interrupted() {
        return named(LogicalVolume::waitsForWipe);
    }

    private List<String> named(Predicate<LogicalVolume> which) {
        return report.volumes(settings.group()).stream()
                .filter(which)
                .map(LogicalVolume::name)
                .toList();
    }

    private static boolean unfinished(LogicalVolume volume) {
        return volume.waitsForWipe() || volume.cleanTo().isPresent();
    }

    /**
     * Finishes the wipe or the growth of a volume; one that is finished or gone meanwhile is success.
     *
     * @throws BridgeException VOLUMES_NOT_REMOVED also when somebody else is at it
     */
    void finish(String name, Progress progress) {
        try (WipeClaim claim = claim(name)) {
            claimed(claim, () -> finishClaimed(name, progress));
        }
    }

    private void finishClaimed(String name, Progress progress) {
        Optional<LogicalVolume> found = report.volume(settings.group(), name).filter(RetiredVolumes::unfinished);
        if (found.isEmpty()) {
            return;
        }
        LogicalVolume volume = closed(found.get());
        activate(volume);
        if (volume.waitsForWipe()) {
            wipeAndRemove(volume, progress);
        } else {
            finishGrowth(volume, progress);
        }
    }

    /**
     * Finishes all wipes and growths and removes half-made copies, whatever happens with one of them; gives what is
     * left, in sentences. For a bridge that is stopped: a guest that starts meanwhile would lose what it writes.
     */
    List<String> finishAll(Progress progress) {
        List<String> left = tidyBases();
        for (String name : named(LogicalVolume::halfCopied)) {
            attempt(name, () -> remove(name, progress), left);
        }
        for (String name : named(RetiredVolumes::unfinished)) {
            attempt(name, () -> finish(name, progress), left);
        }
        return left;
    }

    /**
     * Removes bases whose fill was interrupted, and takes the devices of others away, which an interrupted check has left and
     * which would keep them from aging; gives what is left, in sentences.
     */
    List<String> tidyBases() {
        List<String> left = new ArrayList<>();
        for (LogicalVolume volume : report.volumes(settings.group())) {
            if (volume.halfFilled()) {
                attempt(volume.name(), () -> removeVolume(volume.name()), left);
            } else if (volume.base() && volume.active() && !volume.open()) {
                attempt(
                        volume.name(),
                        () -> group.change(
                                commands.deactivate(settings.group(), volume.name()),
                                "cannot deactivate " + settings.group() + "/" + volume.name()),
                        left);
            }
        }
        return left;
    }

    private void attempt(String name, Runnable work, List<String> left) {
        try {
            work.run();
        } catch (BridgeException e) {
            LOG.error("{}/{}: {}", settings.group(), name, e.getMessage());
            left.add(settings.group() + "/" + name + ": " + e.getMessage());
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BridgeException(ErrorCode.INTERRUPTED, "interrupted while waiting for a volume", null, e);
        }
    }

    private static String randomHex() {
        byte[] bytes = new byte[6];
        ThreadLocalRandom.current().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
