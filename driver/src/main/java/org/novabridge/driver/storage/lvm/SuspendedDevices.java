package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Effect;
import org.novabridge.driver.exec.Tool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Device-mapper devices of a volume group, and mappings of encrypted disks on it, that an ended command left suspended:
 * every read and write on them hangs, the guest's too, until somebody resumes them. Device-mapper is asked and not LVM,
 * which does not show the parts inside a pool and may itself hang on such a device.
 */
public final class SuspendedDevices {
    private static final Logger LOG = LoggerFactory.getLogger(SuspendedDevices.class);

    /** "1 dependencies  : (group-volume)". */
    private static final Pattern BELOW = Pattern.compile("\\(([^)]+)\\)");

    private final CommandExecutor executor;
    private final String group;

    SuspendedDevices(CommandExecutor executor, String group) {
        this.executor = executor;
        this.group = group;
    }

    /**
     * Resumes those of the configured group. To be called at the start, when no LVM command of an earlier bridge runs
     * any more.
     *
     * @return what could not be resumed, in sentences; empty when all is well, and without a volume group
     */
    public static List<String> resume(ConfigSnapshot config, CommandExecutor executor) {
        String group = config.find(LibvirtOptions.IMAGES_VOLUME_GROUP).orElse("");
        return group.isEmpty() ? List.of() : new SuspendedDevices(executor, group).resume();
    }

    List<String> resume() {
        if (Tool.DMSETUP.find().isEmpty()) {
            return List.of();
        }
        List<String> left = new ArrayList<>();
        for (String device : suspended(left)) {
            LOG.warn("device {} was left suspended: it is resumed", device);
            try {
                executor.run(Command.of(Tool.DMSETUP, "resume", device).withEffect(Effect.MUST_FINISH));
            } catch (CommandFailedException e) {
                LOG.error("device {} stays suspended: {}", device, e.getMessage());
                left.add("device " + device + " stays suspended: " + e.getMessage());
            }
        }
        return left;
    }

    /** A mapping of dm-crypt, which belongs to no group: what it lies on does. */
    private boolean liesOnTheGroup(String device) {
        if (!LvmNames.isMapping(device)) {
            return false;
        }
        CommandResult below = executor.run(Command.of(Tool.DMSETUP, "deps", "--options", "devname", device));
        return BELOW.matcher(below.stdout())
                .results()
                .anyMatch(one -> LvmCommands.volume(group, one.group(1)).isPresent());
    }

    private List<String> suspended(List<String> left) {
        List<String> suspended = new ArrayList<>();
        try {
            CommandResult info = executor.run(Command.of(
                    Tool.DMSETUP,
                    "info",
                    "--columns",
                    "--noheadings",
                    "--separator",
                    "|",
                    "--options",
                    "name,suspended,vg_name"));
            for (String line : info.stdout().lines().toList()) {
                List<String> fields = List.of(line.strip().split("\\|", -1));
                if (fields.size() == 3
                        && fields.get(1).equals("Suspended")
                        && (fields.get(2).equals(group) || liesOnTheGroup(fields.get(0)))) {
                    suspended.add(fields.get(0));
                }
            }
        } catch (CommandFailedException e) {
            LOG.error("cannot look for suspended devices of volume group {}", group, e);
            left.add("cannot look for suspended devices of volume group " + group + ": " + e.getMessage());
        }
        return suspended;
    }
}
