package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.novabridge.conf.BridgeOptions;
import org.novabridge.conf.HugePages;

/**
 * Huge pages of each NUMA node and size, against what {@code host_huge_pages} asks for. Pages are only ever added, and only from
 * memory that is free; those of 1 GiB are found at boot alone, so they are advice.
 */
final class HugepagesCheck implements TuningCheck {
    private static final String NAME = "hugepages";
    private static final String SOURCE = "Linux Documentation/admin-guide/mm/hugetlbpage.rst and kernel-parameters.txt";
    private static final String NODES = "/sys/devices/system/node/";
    private static final long GIGANTIC = 1_048_576;
    /** Of a node's free memory this much is never taken. */
    private static final long SPARED = 1L << 30;

    @Override
    public List<Finding> look(ObservedHost host) {
        List<HugePages> asked = HugePages.parse(host.config().resolve(BridgeOptions.HOST_HUGE_PAGES));
        List<Finding> findings = new ArrayList<>();
        asked.forEach(pages -> findings.add(of(host.tree(), pages)));
        if (asked.isEmpty()) {
            findings.add(unasked(host.tree()));
        }
        return findings;
    }

    private static String path(HugePages pages, String file) {
        return NODES + "node" + pages.node() + "/hugepages/hugepages-" + pages.sizeKib() + "kB/" + file;
    }

    private static Finding of(HostTree tree, HugePages pages) {
        Finding.Draft draft = Finding.about(
                        NAME, "node " + pages.node() + ", pages of " + pages.sizeKib() + " KiB", SOURCE)
                .wanted("at least " + pages.count() + " (" + BridgeOptions.HOST_HUGE_PAGES.display() + ")");
        String file = path(pages, "nr_hugepages");
        OptionalLong has = tree.number(file);
        if (has.isEmpty()) {
            List<String> sizes = tree.names(NODES + "node" + pages.node() + "/hugepages");
            return draft.found(sizes.isEmpty() ? "no such node" : "no such size")
                    .why(
                            sizes.isEmpty()
                                    ? "Nodes here: " + String.join(", ", nodes(tree))
                                    : "Sizes here: " + String.join(", ", sizes))
                    .remedy("correct " + BridgeOptions.HOST_HUGE_PAGES.display())
                    .as(Severity.UNUSABLE);
        }
        long found = has.getAsLong();
        draft.found(found + ", " + tree.number(path(pages, "free_hugepages")).orElse(0) + " of them free")
                .why("A guest with huge pages starts only where its node has enough of them. They are neither merged"
                        + " nor ballooned.");
        if (found >= pages.count()) {
            return draft.setting(Setting.tmpfiles(file, Long.toString(found), Long.toString(found)))
                    .as(Severity.OK);
        }
        // At the next boot there may be room again: a line that brings them then stays.
        Setting later = new Setting(
                file,
                Long.toString(found),
                Long.toString(found),
                Optional.of(KeptLine.tmpfiles(file, Long.toString(pages.count()))));
        if (pages.sizeKib() >= GIGANTIC) {
            return draft.setting(later)
                    .remedy("add to the kernel's command line, for the next boot: hugepagesz=1G hugepages="
                            + pages.node() + ":" + pages.count() + " (before Linux 5.16 the number alone, which is"
                            + " spread over all nodes)")
                    .as(Severity.WARNING);
        }
        long more = (pages.count() - found) * pages.sizeKib() * 1024;
        OptionalLong free = MemoryInfo.bytes(tree, NODES + "node" + pages.node() + "/meminfo", "MemFree");
        if (free.isEmpty() || free.getAsLong() - SPARED < more) {
            return draft.setting(later)
                    .remedy("the node has " + (free.isEmpty() ? "an unknown number of" : free.getAsLong())
                            + " bytes free, and " + more + " are missing: move guests away, or add to the kernel's"
                            + " command line: hugepagesz=" + pages.sizeKib() + "K hugepages=" + pages.count())
                    .as(Severity.WARNING);
        }
        return draft.setting(Setting.tmpfiles(file, Long.toString(found), Long.toString(pages.count())))
                .as(Severity.WARNING);
    }

    private static List<String> nodes(HostTree tree) {
        return tree.names(NODES).stream()
                .filter(name -> name.matches("node[0-9]+"))
                .toList();
    }

    private static Finding unasked(HostTree tree) {
        Finding.Draft draft = Finding.about(NAME, "huge pages", SOURCE).wanted("none asked for");
        Map<String, Long> idle = new TreeMap<>();
        for (String node : nodes(tree)) {
            for (String size : tree.names(NODES + node + "/hugepages")) {
                String folder = NODES + node + "/hugepages/" + size + "/";
                long free = tree.number(folder + "free_hugepages").orElse(0);
                if (free > 0) {
                    idle.put(node + " " + size, free);
                }
            }
        }
        return idle.isEmpty()
                ? draft.found("none idle")
                        .why("No node keeps memory back for nobody.")
                        .as(Severity.OK)
                : draft.found("idle: " + idle)
                        .why("Memory in idle huge pages serves nobody else; " + BridgeOptions.HOST_HUGE_PAGES.display()
                                + " says how many are wanted.")
                        .as(Severity.NOTE);
    }
}
