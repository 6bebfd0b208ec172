package org.novabridge.driver.host.tuning;

import java.util.OptionalInt;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.IoProfileOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.model.HostFact;
import org.novabridge.driver.model.HostFacts;

/**
 * In which blocks the disks below the guests' disks write: those below instances_path, and those below the volume group.
 * Looked for only where the configuration says {@code auto}.
 *
 * <p>Source: Linux Documentation/ABI/stable/sysfs-block, physical_block_size.
 */
public final class BlockSizeFact {
    private static final String AUTO = "auto";

    private BlockSizeFact() {}

    /** The facts, with both sizes when they matter, were not given, and all disks below are seen. */
    public static HostFacts add(ConfigSnapshot config, HostFacts facts) {
        return add(config, facts, HostTree.ofThisHost());
    }

    static HostFacts add(ConfigSnapshot config, HostFacts facts, HostTree tree) {
        if (!asked(config)) {
            return facts;
        }
        HostFacts.Builder all = facts.toBuilder();
        if (!facts.has(HostFact.FILES_BLOCK_SIZE)) {
            largest(tree, StorageStack.belowFiles(tree, config))
                    .ifPresent(bytes -> all.put(HostFact.FILES_BLOCK_SIZE, bytes));
        }
        if (!facts.has(HostFact.VOLUME_GROUP_BLOCK_SIZE)) {
            config.find(LibvirtOptions.IMAGES_VOLUME_GROUP)
                    .filter(group -> !group.isEmpty())
                    .map(group -> largest(tree, StorageStack.belowGroup(tree, config, group)))
                    .ifPresent(found -> found.ifPresent(bytes -> all.put(HostFact.VOLUME_GROUP_BLOCK_SIZE, bytes)));
        }
        return all.build();
    }

    private static boolean asked(ConfigSnapshot config) {
        return config.find(LibvirtOptions.DISK_BLOCK_SIZE).filter(AUTO::equals).isPresent()
                || config.ioProfiles().values().stream()
                        .anyMatch(profile -> profile.find(IoProfileOptions.BLOCK_SIZE)
                                .filter(AUTO::equals)
                                .isPresent());
    }

    /** A block that fits the largest fits the others; empty when one of the disks is not seen. */
    private static OptionalInt largest(HostTree tree, StorageStack stack) {
        boolean whole = stack.unseen().isEmpty()
                && stack.disks().stream().allMatch(disk -> size(tree, disk).isPresent());
        return whole
                ? stack.disks().stream()
                        .mapToInt(disk -> size(tree, disk).orElseThrow())
                        .max()
                : OptionalInt.empty();
    }

    private static OptionalInt size(HostTree tree, PhysicalDisk disk) {
        return tree.number(disk.queue("physical_block_size")).stream()
                .filter(bytes -> bytes > 0 && bytes <= 1 << 30)
                .mapToInt(Math::toIntExact)
                .findFirst();
    }
}
