package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.novabridge.conf.BridgeOptions;

/**
 * How many guests of a flavor find their huge pages on the nodes of this host now. For Nova's own driver beside us:
 * nova-bridge makes no guests with huge pages yet.
 */
final class FlavorPagesCheck {
    private static final String NAME = "flavors";
    private static final String SOURCE =
            "nova/virt/hardware.py 26.2.2; Linux Documentation/admin-guide/mm/hugetlbpage.rst";
    private static final String NODES = "/sys/devices/system/node/";

    private FlavorPagesCheck() {}

    static List<Finding> look(HostTree tree, List<FlavorMemory> flavors) {
        List<Finding> findings = new ArrayList<>();
        flavors.forEach(flavor -> findings.add(of(tree, flavor)));
        return findings;
    }

    private static Finding of(HostTree tree, FlavorMemory flavor) {
        Finding.Draft draft = Finding.about(NAME, "flavor " + flavor.name(), SOURCE)
                .wanted("free huge pages for a guest of " + flavor.memoryMb() + " MiB (hw:mem_page_size = "
                        + flavor.asked() + ")"
                        + (flavor.nodes() == 1 ? "" : ", in equal parts on " + flavor.nodes() + " nodes"))
                .why("A guest has each part of its memory in the pages of one node. nova-bridge makes no guests with"
                        + " huge pages yet and refuses them by name.");
        Map<Long, Map<String, Long>> free = free(tree, flavor);
        if (free.isEmpty()) {
            return draft.found("no node has pages of that size")
                    .remedy("correct the flavor, or bring such pages with " + BridgeOptions.HOST_HUGE_PAGES.display())
                    .as(Severity.WARNING);
        }
        List<String> words = new ArrayList<>();
        long best = 0;
        boolean whole = false;
        for (Map.Entry<Long, Map<String, Long>> size : free.entrySet()) {
            if (flavor.kibPerNode() % size.getKey() == 0) {
                whole = true;
                long guests = guests(size.getValue().values(), flavor.kibPerNode() / size.getKey(), flavor.nodes());
                best = Math.max(best, guests);
                words.add("room for " + guests + " in pages of " + size.getKey() + " KiB, free: " + size.getValue());
            }
        }
        if (!whole) {
            return draft.found("its memory is no whole number of such pages on each node")
                    .remedy("correct the flavor: Nova refuses it on every host")
                    .as(Severity.WARNING);
        }
        draft.found(String.join("; ", words));
        return best > 0
                ? draft.as(Severity.OK)
                : draft.remedy("bring more with " + BridgeOptions.HOST_HUGE_PAGES.display())
                        .as(Severity.WARNING);
    }

    /** Free pages by size and node, of the sizes that will do. */
    private static Map<Long, Map<String, Long>> free(HostTree tree, FlavorMemory flavor) {
        Map<Long, Map<String, Long>> free = new TreeMap<>();
        for (String node : tree.names(NODES)) {
            for (String pages :
                    node.matches("node[0-9]+") ? tree.names(NODES + node + "/hugepages") : List.<String>of()) {
                if (!pages.matches("hugepages-[0-9]{1,9}kB")) {
                    continue;
                }
                long kib = Long.parseLong(pages.substring("hugepages-".length(), pages.length() - 2));
                if (flavor.pageKib() == 0 || flavor.pageKib() == kib) {
                    long there = tree.number(NODES + node + "/hugepages/" + pages + "/free_hugepages")
                            .orElse(0);
                    free.computeIfAbsent(kib, size -> new TreeMap<>()).put(node, there);
                }
            }
        }
        return free;
    }

    /** One guest after the other, on the nodes that have most. */
    private static long guests(Iterable<Long> free, long pages, int nodes) {
        List<Long> parts = new ArrayList<>();
        free.forEach(there -> parts.add(there / pages));
        if (nodes == 1) {
            return parts.stream().mapToLong(Long::longValue).sum();
        }
        long guests = 0;
        while (true) {
            parts.sort(Comparator.reverseOrder());
            if (parts.size() < nodes || parts.get(nodes - 1) == 0) {
                return guests;
            }
            for (int i = 0; i < nodes; i++) {
                parts.set(i, parts.get(i) - 1);
            }
            guests++;
        }
    }
}
