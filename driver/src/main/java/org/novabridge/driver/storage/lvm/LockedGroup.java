package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Tool;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configured volume group, changed by one thread of this process at a time.
 *
 * <p>The lock is held for changes of the group's metadata and never while data is written. Between
 * processes LVM's own lock does the same; this one keeps our threads from queueing as processes, and
 * makes the question for free space and the command that takes it one step. It belongs to the group's
 * name for the life of the process, since a reload makes new backends while operations go on with old ones.
 */
final class LockedGroup {
    private static final Logger LOG = LoggerFactory.getLogger(LockedGroup.class);
    private static final Map<String, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

    private final CommandExecutor executor;
    private final String name;
    private final LvmReport report;
    private final LvmCommands commands;
    private final CleanGroup clean;
    private final ReentrantLock lock;

    LockedGroup(CommandExecutor executor, LvmSettings settings) {
        this.executor = executor;
        this.name = settings.group();
        this.commands = new LvmCommands(settings.alarmAfter());
        this.report = new LvmReport(executor, settings.alarmAfter());
        this.clean = new CleanGroup(settings, report);
        this.lock = LOCKS.computeIfAbsent(name, unused -> new ReentrantLock());
    }

    String name() {
        return name;
    }

    LvmReport report() {
        return report;
    }

    /**
     * The volume of that name; empty when the group has none.
     *
     * @throws BridgeException VOLUME_GROUP_UNUSABLE when the group is not there: what it holds nobody knows
     */
    Optional<LogicalVolume> find(String volume) {
        Optional<LogicalVolume> found = report.volume(name, volume);
        if (found.isEmpty() && report.group(name).isEmpty()) {
            throw LvmFailures.groupMissing(name);
        }
        return found;
    }

    /** @throws BridgeException DISK_NOT_FOUND when the group has no such volume */
    LogicalVolume existing(String volume) {
        return report.volume(name, volume)
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.DISK_NOT_FOUND,
                        "logical volume " + name + "/" + volume + " does not exist",
                        "see what there is (lvs " + name + "), and what is left of guests: nova-bridge reconcile"
                                + " --dry-run"));
    }

    Path device(String volume) {
        return LvmNames.device(name, volume);
    }

    /** Runs one command that changes the group, and frees no extent that is not zeroed ({@link #loseClean}). */
    void change(Command command, String otherwise) {
        locked(() -> clean.keep(clean.holds(), () -> run(command, otherwise)));
    }

    /** The same when the state of the group was asked just before, under the same lock. */
    void change(VolumeGroup before, Command command, String otherwise) {
        locked(() -> clean.keep(clean.holds(before), () -> run(command, otherwise)));
    }

    private CommandResult run(Command command, String otherwise) {
        try {
            return executor.run(command);
        } catch (CommandFailedException e) {
            throw LvmFailures.of(e, otherwise, name);
        }
    }

    /**
     * What the free extents hold. A group that says it is clean and is not loses its tag.
     *
     * @param now the group as it is, asked under the lock that the caller holds
     */
    Extents extents(VolumeGroup now) {
        return locked(() -> {
            Extents extents = clean.decide(now);
            if (clean.lost(now)) {
                loseTag(extents.why());
            }
            return extents;
        });
    }

    /** To be called before an extent is freed that may hold anything: the group is no longer one of zeroes. */
    void loseClean(String why) {
        locked(() -> {
            if (clean.remembered()) {
                loseTag(why);
            }
            return name;
        });
    }

    private void loseTag(String why) {
        if (clean.forget(why)) {
            run(commands.removeGroupTag(name, LvmNames.CLEAN_TAG), "cannot untag volume group " + name);
        }
    }

    /** Says that the group is clean: all that is free was just wiped, by who holds the bridge's lock. */
    void becomeClean() {
        locked(() -> {
            run(commands.addGroupTag(name, LvmNames.CLEAN_TAG), "cannot tag volume group " + name);
            clean.begin();
            return name;
        });
    }

    /** Whether something would be lost by freeing what is not zeroed. */
    boolean keepsClean() {
        return locked(clean::remembered);
    }

    /** Does several things as one step, as far as our own threads are concerned. */
    <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The group when volumes can be made in it.
     *
     * @throws BridgeException VOLUME_GROUP_UNUSABLE when it is missing, exported, or misses a device
     */
    VolumeGroup usable() {
        VolumeGroup group = report.group(name).orElseThrow(() -> LvmFailures.groupMissing(name));
        demandWhole(group);
        return group;
    }

    /** @throws BridgeException VOLUME_GROUP_UNUSABLE when it is exported or misses a device */
    static void demandWhole(VolumeGroup group) {
        if (group.missingDevices() > 0 || group.exported()) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "volume group " + group.name()
                            + (group.exported()
                                    ? " is exported"
                                    : " misses " + group.missingDevices() + " of its devices"),
                    "see what is wrong with it: nova-bridge vg check");
        }
    }

    /**
     * Waits for udev, which looks at a device each time that a writer has closed it and then sets its
     * owner again: a program of another user that the node is lent to would lose it.
     */
    void settle() {
        try {
            executor.run(Command.of(Tool.UDEVADM, "settle", "--timeout=30").accepting(0, 1));
        } catch (CommandFailedException e) {
            LOG.debug("no udev to wait for: {}", e.getMessage());
        }
    }
}
