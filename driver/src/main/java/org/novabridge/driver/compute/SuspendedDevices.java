package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
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
 * Device-mapper devices of our volume group that an ended LVM command left suspended: every read and
 * write on them hangs, the guest's too, until somebody resumes them. Only asked when a volume group is
 * configured.
 */
final class SuspendedDevices {
    private static final Logger LOG = LoggerFactory.getLogger(SuspendedDevices.class);

    private final Supplier<ConfigSnapshot> config;
    private final CommandExecutor executor;

    SuspendedDevices(Supplier<ConfigSnapshot> config, CommandExecutor executor) {
        this.config = config;
        this.executor = executor;
    }

    /** Resumes them; returns the names of those that were suspended. */
    List<String> resume() {
        String group = config.get().find(LibvirtOptions.IMAGES_VOLUME_GROUP).orElse("");
        if (group.isEmpty() || Tool.DMSETUP.find().isEmpty()) {
            return List.of();
        }
        List<String> resumed = new ArrayList<>();
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
                        && fields.get(2).equals(group)) {
                    LOG.warn("device {} was left suspended: resuming it", fields.get(0));
                    executor.run(
                            Command.of(Tool.DMSETUP, "resume", fields.get(0)).withEffect(Effect.MUST_FINISH));
                    resumed.add(fields.get(0));
                }
            }
        } catch (CommandFailedException e) {
            LOG.error("cannot look for suspended devices of volume group {}", group, e);
        }
        return resumed;
    }
}
