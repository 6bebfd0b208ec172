package org.novabridge.driver.storage.lvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.Tool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Open mappings of dm-crypt that no start and no delete of a guest comes back to: the volume below is not the disk whose
 * name the mapping has, or no instance of this host has that disk. Such a mapping keeps its key in the kernel and its
 * volume from being removed.
 */
final class StrayMappings {
    private static final Logger LOG = LoggerFactory.getLogger(StrayMappings.class);

    /** A line of {@code dmsetup deps --options devname}; most devices have one below them. */
    private static final Pattern LINE = Pattern.compile("(\\S+): 1 dependencies\\s*: \\((\\S+)\\)\\s*");

    private final CommandExecutor executor;
    private final String group;
    private final Predicate<String> instances;

    /** @param instances whether this host has an instance, by its uuid */
    StrayMappings(CommandExecutor executor, String group, Predicate<String> instances) {
        this.executor = executor;
        this.group = group;
        this.instances = instances;
    }

    /** Changes nothing; empty also when device-mapper cannot be asked, which the log says. */
    List<VolumeGroupStatus.StrayMapping> find() {
        String answer;
        try {
            answer = executor.run(Command.of(Tool.DMSETUP, "deps", "--options", "devname"))
                    .stdout();
        } catch (CommandFailedException e) {
            LOG.warn("cannot look for mappings of dm-crypt on volume group {}: {}", group, e.getMessage());
            return List.of();
        }
        List<VolumeGroupStatus.StrayMapping> stray = new ArrayList<>();
        for (String line : answer.lines().toList()) {
            Matcher device = LINE.matcher(line);
            if (device.matches()) {
                Optional<String> disk = LvmNames.mappedVolume(device.group(1));
                Optional<String> below = LvmCommands.volume(group, device.group(2));
                if (disk.isPresent() && below.isPresent()) {
                    why(disk.get(), below.get())
                            .ifPresent(why ->
                                    stray.add(new VolumeGroupStatus.StrayMapping(device.group(1), below.get(), why)));
                }
            }
        }
        return stray;
    }

    private Optional<String> why(String disk, String below) {
        if (!disk.equals(below)) {
            return Optional.of("it has the name of another disk's");
        }
        String uuid = LvmNames.instance(disk).orElseThrow();
        return instances.test(uuid)
                ? Optional.empty()
                : Optional.of("this host has no instance " + uuid + " in [DEFAULT]instances_path");
    }

    /** What an operator should know of them. */
    List<VolumeGroupFinding> findings() {
        return find().stream()
                .map(stray -> new VolumeGroupFinding(
                        VolumeGroupFinding.Severity.WARNING,
                        "the mapping /dev/mapper/" + stray.name() + " is open on " + group + "/" + stray.volume()
                                + ", and " + stray.why()
                                + ": it keeps its key in the kernel, and its volume from being removed",
                        "when no guest runs on it (fuser -v /dev/mapper/" + stray.name() + "): cryptsetup close "
                                + stray.name()))
                .toList();
    }
}
