package org.novabridge.conf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One item of {@code [nova_bridge]host_huge_pages}, in the form of Nova's {@code reserved_huge_pages}.
 *
 * @param node number of the NUMA node
 * @param sizeKib of one page, in KiB
 */
public record HugePages(int node, long sizeKib, long count) {
    private static final String FORM = "write node:<n>,size:<KiB>,count:<n>, as node:0,size:2048,count:512";

    /** What is wrong with an item, as the end of a sentence that begins with the option, and the form to write. */
    record Fault(String sentence, String hint) {}

    /** The items that are right; the others are errors of the configuration. */
    public static List<HugePages> parse(Resolved<List<String>> option) {
        List<HugePages> all = new ArrayList<>();
        for (String item : option.optional().orElse(List.of())) {
            if (fault(item).isEmpty()) {
                all.add(of(item));
            }
        }
        return all;
    }

    /** What is wrong with the items, each by itself and beside each other. */
    static List<Fault> faults(List<String> items) {
        List<Fault> faults = new ArrayList<>();
        Map<List<Long>, String> seen = new HashMap<>();
        for (String item : items) {
            Optional<Fault> own = fault(item);
            own.ifPresent(faults::add);
            if (own.isEmpty()) {
                HugePages pages = of(item);
                String before = seen.putIfAbsent(List.of((long) pages.node(), pages.sizeKib()), item);
                if (before != null) {
                    faults.add(new Fault(
                            "has the items " + Quoted.word(before) + " and " + Quoted.word(item)
                                    + ", both for pages of " + pages.sizeKib() + " KiB on node " + pages.node(),
                            "keep one of them"));
                }
            }
        }
        return faults;
    }

    private static HugePages of(String item) {
        Map<String, Long> fields = fields(item);
        return new HugePages(
                Math.toIntExact(fields.getOrDefault("node", 0L)),
                fields.getOrDefault("size", 0L),
                fields.getOrDefault("count", 0L));
    }

    private static Optional<Fault> fault(String item) {
        Map<String, Long> fields = fields(item);
        boolean complete =
                fields.keySet().equals(java.util.Set.of("node", "size", "count")) && item.split(",", -1).length == 3;
        if (!complete) {
            return Optional.of(new Fault("has the item " + Quoted.word(item) + ", which is not of this form", FORM));
        }
        long size = fields.getOrDefault("size", 0L);
        if (size < 4 || Long.bitCount(size) != 1) {
            return Optional.of(new Fault(
                    "has the item " + Quoted.word(item) + ", whose size is no size of a page",
                    "write 2048 or 1048576"));
        }
        return Optional.empty();
    }

    private static Map<String, Long> fields(String item) {
        Map<String, Long> fields = new HashMap<>();
        for (String part : item.split(",", -1)) {
            String[] pair = part.strip().split(":", -1);
            if (pair.length == 2 && pair[1].strip().matches("[0-9]{1,9}")) {
                fields.put(pair[0].strip(), Long.parseLong(pair[1].strip()));
            }
        }
        return fields;
    }
}
