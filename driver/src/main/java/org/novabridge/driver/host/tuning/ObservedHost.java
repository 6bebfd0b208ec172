package org.novabridge.driver.host.tuning;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.driver.model.HostFacts;

/** What the checks look at: the host's files, the configuration, and what was probed before. */
final class ObservedHost {
    private final HostTree tree;
    private final ConfigSnapshot config;
    private final HostFacts facts;
    private final DriverSource drivers;
    private final Instant now;
    private final StorageStack storage;
    private final List<QemuProcess> guests;

    /** @param groupDevices physical volumes of images_volume_group, as far as LVM could be asked */
    ObservedHost(
            HostTree tree,
            ConfigSnapshot config,
            HostFacts facts,
            List<String> groupDevices,
            DriverSource drivers,
            Instant now) {
        this.tree = tree;
        this.config = config;
        this.facts = facts;
        this.drivers = drivers;
        this.now = now;
        this.storage = StorageStack.below(tree, config, groupDevices);
        this.guests = QemuProcess.all(tree);
    }

    HostTree tree() {
        return tree;
    }

    ConfigSnapshot config() {
        return config;
    }

    HostFacts facts() {
        return facts;
    }

    Instant now() {
        return now;
    }

    StorageStack storage() {
        return storage;
    }

    /** QEMU processes that run. */
    List<QemuProcess> guests() {
        return guests;
    }

    /** Asked for one guest at a time, when a check wants to know. */
    DriverSource drivers() {
        return drivers;
    }

    Optional<KernelVersion> kernel() {
        return tree.value("/proc/sys/kernel/osrelease").flatMap(KernelVersion::of);
    }

    /** Words of the kernel's command line. */
    List<String> commandLine() {
        return tree.value("/proc/cmdline").stream()
                .flatMap(line -> List.of(line.split("\\s+", -1)).stream())
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
