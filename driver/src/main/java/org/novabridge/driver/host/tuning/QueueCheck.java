package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.novabridge.driver.host.tuning.PhysicalDisk.Kind;

/** Settings of a queue that undo what a scheduler does, and disks that guests cannot be put on. */
final class QueueCheck implements TuningCheck {
    private static final String NAME = "queue";
    private static final String SOURCE = "Linux Documentation/ABI/stable/sysfs-block";

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        for (PhysicalDisk disk : host.storage().disks()) {
            merges(host.tree(), disk).ifPresent(findings::add);
            QueueRule.deviations(new QueueRule.Queue(
                            host.tree(), disk, !PageCacheCheck.cached(host).isEmpty()))
                    .forEach(findings::add);
            zones(host.tree(), disk).ifPresent(findings::add);
            entropy(host.tree(), disk).ifPresent(findings::add);
        }
        return findings;
    }

    private static Optional<Finding> merges(HostTree tree, PhysicalDisk disk) {
        String path = disk.queue("nomerges");
        return tree.value(path)
                .filter(found -> disk.kind() == Kind.HDD)
                .map(found -> Finding.about(NAME, disk.name() + " nomerges", SOURCE)
                        .found(found)
                        .wanted("0")
                        .why("Neighbouring requests of a rotating disk that are not merged cost a turn each.")
                        .setting(new Setting(path, found, "0", SchedulerCheck.kept(disk, "nomerges", "0")))
                        .orWhenSettingsDiffer(Severity.WARNING));
    }

    private static Optional<Finding> zones(HostTree tree, PhysicalDisk disk) {
        return tree.value(disk.queue("zoned"))
                .filter(found -> !found.equals("none"))
                .map(found -> Finding.about(NAME, disk.name() + " zoned", SOURCE)
                        .found(found)
                        .wanted("none")
                        .why("A zoned disk wants its writes in order; guests write anywhere.")
                        .remedy("put guests on another disk")
                        .as(Severity.WARNING));
    }

    private static Optional<Finding> entropy(HostTree tree, PhysicalDisk disk) {
        return tree.value(disk.queue("add_random"))
                .filter(found -> !found.equals("0") && disk.kind() != Kind.HDD)
                .map(found -> Finding.about(NAME, disk.name() + " add_random", SOURCE)
                        .found(found)
                        .wanted("0")
                        .why("Each request of a disk without seeks is taken for entropy, of which it has none.")
                        .setting(new Setting(
                                disk.queue("add_random"), found, "0", SchedulerCheck.kept(disk, "add_random", "0")))
                        .orWhenSettingsDiffer(Severity.WARNING));
    }
}
