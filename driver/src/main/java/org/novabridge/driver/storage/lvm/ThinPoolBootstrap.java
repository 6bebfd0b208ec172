package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.lvm.PoolProfile.State;

/** What {@code vg init} does for the thin pool: makes it and its profile, or sets right what is not as it was made. */
final class ThinPoolBootstrap {
    private final CommandExecutor executor;
    private final LvmSettings settings;
    private final ThinPoolSettings wanted;
    private final boolean makes;
    private final LvmCommands commands;
    private final LvmReport report;
    private final String path;

    /** @param makes whether a pool that is not there is made; without, one of ours that is there is set right */
    ThinPoolBootstrap(CommandExecutor executor, LvmSettings settings, ThinPoolSettings wanted, boolean makes) {
        this.executor = executor;
        this.settings = settings;
        this.wanted = wanted;
        this.makes = makes;
        this.commands = new LvmCommands(settings.alarmAfter());
        this.report = new LvmReport(executor, settings.alarmAfter());
        this.path = settings.group() + "/" + wanted.name();
    }

    /**
     * In a group that is not there yet.
     *
     * @param size bytes that the group will have
     * @throws BridgeException as of {@link #steps(VolumeGroup)}
     */
    List<BootstrapStep> steps(long size, long extent) {
        return makes ? make(profile(), ThinPoolShape.of(size, size, extent, wanted)) : List.of();
    }

    /**
     * In a group that is there. A pool that we did not make is left as it is.
     *
     * @throws BridgeException VOLUME_GROUP_UNUSABLE when a file that is not ours lies where the profile belongs,
     *     STORAGE_FULL, INVALID_CONFIGURATION
     */
    List<BootstrapStep> steps(VolumeGroup group) {
        Optional<ThinPool> pool = report.pool(group.name(), wanted.name());
        if (pool.isEmpty()) {
            return makes
                    ? make(profile(), ThinPoolShape.of(group.size(), group.free(), group.extentSize(), wanted))
                    : List.of();
        }
        return pool.get().ours() ? setRight(pool.get(), profile()) : List.of();
    }

    private PoolProfile profile() {
        PoolProfile profile =
                new PoolProfile(LvmConfiguration.ask(executor, settings).profiles(), settings.group(), wanted.growth());
        if (profile.state() == State.FOREIGN) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    profile.foreign() + ", and thin pool " + path
                            + " needs a profile of that name; nothing was changed",
                    profile.foreignRemedy());
        }
        return profile;
    }

    private List<BootstrapStep> make(PoolProfile profile, ThinPoolShape shape) {
        Command remove = commands.removeVolume(settings.group(), wanted.name());
        List<BootstrapStep> steps = new ArrayList<>(write(profile));
        steps.add(step(
                commands.createPool(settings.group(), wanted.name(), shape, profile.name()),
                "cannot make",
                remove,
                pool -> true));
        return steps;
    }

    private List<BootstrapStep> setRight(ThinPool pool, PoolProfile profile) {
        List<BootstrapStep> steps = new ArrayList<>(write(profile));
        if (!pool.errorWhenFull()) {
            steps.add(step(
                    commands.failWhenFull(path, true),
                    "cannot set up",
                    commands.failWhenFull(path, false),
                    ThinPool::errorWhenFull));
        }
        if (!pool.profile().equals(profile.name())) {
            steps.add(step(
                    commands.attachProfile(path, profile.name()),
                    "cannot give its profile to",
                    pool.profile().isEmpty()
                            ? commands.detachProfile(path)
                            : commands.attachProfile(path, pool.profile()),
                    now -> now.profile().equals(profile.name())));
        }
        if (!pool.monitored()) {
            steps.add(step(
                    commands.monitor(path, true),
                    "cannot have dmeventd watch",
                    commands.monitor(path, false),
                    ThinPool::monitored));
        }
        return steps;
    }

    private BootstrapStep step(Command command, String failure, Command undo, Predicate<ThinPool> happened) {
        return BootstrapStep.of(
                executor,
                command,
                failure + " thin pool " + path,
                undo,
                () -> report.pool(settings.group(), wanted.name())
                        .filter(happened)
                        .isPresent());
    }

    /** First, for LVM makes no pool with a profile that is not there. */
    private static List<BootstrapStep> write(PoolProfile profile) {
        Optional<String> before = profile.read();
        return profile.state() == State.AS_WANTED
                ? List.of()
                : List.of(new BootstrapStep(
                        "write " + profile.file() + " (" + profile.numbers() + ")",
                        profile::write,
                        before.isPresent() ? "write " + profile.file() + " as it was" : "rm " + profile.file(),
                        () -> profile.putBack(before),
                        () -> !profile.read().equals(before)));
    }

    /** LVM's exit says that it was made; this asks whether it is what was wanted. */
    void verify() {
        Optional<ThinPool> now = report.pool(settings.group(), wanted.name());
        if (now.isEmpty() && !makes) {
            return;
        }
        boolean asWanted = now.filter(pool -> !pool.ours()
                        || pool.zeroing()
                                && pool.errorWhenFull()
                                && pool.monitored()
                                && pool.profile().equals(profile().name()))
                .isPresent();
        if (!asWanted) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "thin pool " + path + " is not as it was made",
                    "see what it is: lvs -o +zero,lv_when_full,lv_profile,seg_monitor " + path);
        }
    }
}
