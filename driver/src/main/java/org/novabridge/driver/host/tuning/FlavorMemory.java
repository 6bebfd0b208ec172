package org.novabridge.driver.host.tuning;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory of a flavor that asks for huge pages.
 *
 * @param asked what {@code hw:mem_page_size} says, for messages
 * @param pageKib size of the pages in KiB; 0 for {@code large}, any huge size
 * @param nodes on how many NUMA nodes the guest lies, in equal parts
 */
public record FlavorMemory(String name, long memoryMb, String asked, long pageKib, int nodes) {
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})\\s*(kb|mb|gb|)", Pattern.CASE_INSENSITIVE);
    private static final long SMALL_KIB = 4;

    /**
     * Empty for a flavor that asks for no huge pages: none, {@code small}, {@code any}, or pages of 4 KiB.
     *
     * <p>Source: nova/virt/hardware.py 26.2.2, _numa_get_pagesize_constraints, numa_get_constraints.
     *
     * @param extraSpecs of the flavor
     */
    public static Optional<FlavorMemory> of(String name, long memoryMb, Map<String, String> extraSpecs) {
        String asked = extraSpecs.getOrDefault("hw:mem_page_size", "").strip();
        String nodes = extraSpecs.getOrDefault("hw:numa_nodes", "1").strip();
        long kib = kib(asked);
        boolean huge = kib > SMALL_KIB || asked.equals("large");
        return huge && memoryMb > 0
                ? Optional.of(new FlavorMemory(
                        name, memoryMb, asked, kib, nodes.matches("[1-9][0-9]?") ? Integer.parseInt(nodes) : 1))
                : Optional.empty();
    }

    /** Without a unit it is KiB. 0 for a word. */
    private static long kib(String asked) {
        Matcher size = SIZE.matcher(asked);
        if (!size.matches()) {
            return 0;
        }
        return Long.parseLong(size.group(1))
                * switch (size.group(2).toLowerCase(Locale.ROOT)) {
                    case "mb" -> 1024L;
                    case "gb" -> 1024L * 1024L;
                    default -> 1L;
                };
    }

    /** What lies on one node. */
    long kibPerNode() {
        return memoryMb * 1024 / nodes;
    }
}
