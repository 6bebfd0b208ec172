package org.novabridge.driver.storage.lvm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;
import org.novabridge.driver.storage.lvm.VolumeGroupFinding.Severity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads each base of an image again, and compares it with what it held when it was made ({@link BaseChecksum}). A running
 * bridge goes on meanwhile: guests are made of a base that is being read, and {@link BaseAging} leaves it alone.
 *
 * <p>A base has no device but for as long as it is read; one that an interrupted check has left loses it here, and at the
 * start of the bridge. So does one whose device has let its reader hang: nobody can take it away before it answers. No other
 * is read then, for LVM's own commands would hang as well, and those are not ended.
 */
final class BaseCheck {
    private static final Logger LOG = LoggerFactory.getLogger(BaseCheck.class);

    private final CommandExecutor executor;
    private final LockedGroup group;
    private final LvmCommands commands;
    private final BiFunction<Path, Progress, String> reading;

    /** @param reading makes the checksum of a device */
    BaseCheck(CommandExecutor executor, LvmSettings settings, BiFunction<Path, Progress, String> reading) {
        this.executor = executor;
        this.group = new LockedGroup(executor, settings);
        this.commands = new LvmCommands(settings.alarmAfter());
        this.reading = reading;
    }

    /** @throws BridgeException CANCELLED */
    List<VolumeGroupFinding> findings(Progress progress) {
        List<VolumeGroupFinding> findings = new ArrayList<>();
        List<String> untold = new ArrayList<>();
        List<String> unread = new ArrayList<>();
        boolean hangs = false;
        for (LogicalVolume base : group.report().volumes(group.name())) {
            if (!base.base() || base.halfFilled()) {
                continue;
            }
            Optional<String> made = base.checksum();
            if (made.isEmpty()) {
                untold.add(base.name());
            } else if (hangs) {
                unread.add(base.name());
            } else {
                Comparison comparison = compare(base.name(), made.get(), progress);
                comparison.finding().ifPresent(findings::add);
                hangs = comparison.hangs();
            }
        }
        if (!unread.isEmpty()) {
            findings.add(new VolumeGroupFinding(
                    Severity.WARNING,
                    "bases that were not read, since a device hangs: " + String.join(", ", unread),
                    "when it answers: nova-bridge vg check --bases"));
        }
        if (!untold.isEmpty()) {
            findings.add(new VolumeGroupFinding(
                    Severity.NOTE,
                    "bases that were made before there were checksums cannot be checked: " + String.join(", ", untold),
                    "nothing, they go by their age; or lvremove them, and the next guest's base has one"));
        }
        return findings;
    }

    private Comparison compare(String base, String made, Progress progress) {
        String name = group.name() + "/" + base;
        for (boolean again = false; ; again = true) {
            try {
                executor.run(commands.activateSkipped(group.name(), base));
            } catch (CommandFailedException e) {
                return new Comparison(
                        group.find(base).map(there -> unread(name, String.valueOf(e.getMessage()))), false);
            }
            boolean left = false;
            try {
                group.settle();
                String now = reading.apply(group.device(base), progress);
                return new Comparison(
                        now.equals(made) ? Optional.empty() : Optional.of(changed(name, made, now)), false);
            } catch (BridgeException e) {
                left = BaseReader.left(e);
                if (e.code() == ErrorCode.CANCELLED) {
                    throw e;
                }
                if (left) {
                    return new Comparison(Optional.of(hanging(name, e)), true);
                }
                // Another check that has just ended may have taken its device away.
                if (again || Files.exists(group.device(base))) {
                    return Comparison.of(unread(name, String.valueOf(e.getMessage())));
                }
            } finally {
                if (!left) {
                    leave(commands.deactivate(group.name(), base));
                }
            }
        }
    }

    private void leave(Command deactivation) {
        try {
            executor.run(deactivation);
        } catch (CommandFailedException e) {
            LOG.warn("{}: somebody else reads it; as long as it is active, it is not removed", e.getMessage());
        }
    }

    private static VolumeGroupFinding changed(String name, String made, String now) {
        return new VolumeGroupFinding(
                Severity.WARNING,
                "base " + name + " does not hold what it was made with: its checksum is " + now + ", and was " + made
                        + "; guests made of it since that changed may have wrong data",
                "look for errors of the devices (dmesg), then lvremove " + name
                        + ": the next guest's base is made anew, and no guest needs this one");
    }

    private static VolumeGroupFinding hanging(String name, BridgeException why) {
        return new VolumeGroupFinding(
                Severity.WARNING,
                "base " + name + " cannot be read: " + why.getMessage()
                        + "; it stays active, since its reader cannot be ended before the device answers",
                "look for errors of the devices (dmesg), and mend them or their paths: guests on them hang, too; when they"
                        + " answer, the next start of the bridge, or check, takes the device of the base away");
    }

    private static VolumeGroupFinding unread(String name, String why) {
        return new VolumeGroupFinding(
                Severity.WARNING,
                "base " + name + " cannot be read: " + why,
                "look for errors of the devices (dmesg); disks of guests that share its blocks have them too");
    }

    /** @param hangs whether its device does not answer any more */
    private record Comparison(Optional<VolumeGroupFinding> finding, boolean hangs) {
        static Comparison of(VolumeGroupFinding finding) {
            return new Comparison(Optional.of(finding), false);
        }
    }
}
