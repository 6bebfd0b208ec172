package org.novabridge.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Host processors in the writing of {@code cpu_shared_set}: {@code 4-12,^8,15} (nova/virt/hardware.py 26.2.2, parse_cpu_spec). */
public final class CpuList {
    private static final int MOST = 4096;

    private CpuList() {}

    /** A part of such a text that names no processors. */
    public static final class UnreadableException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        private final String part;

        UnreadableException(String part) {
            super("names no processors: " + part);
            this.part = part;
        }

        public String part() {
            return part;
        }
    }

    /**
     * @throws UnreadableException naming the part that is no number, no range, or beyond 4095
     */
    public static SortedSet<Integer> parse(String text) {
        SortedSet<Integer> cpus = new TreeSet<>();
        SortedSet<Integer> without = new TreeSet<>();
        for (String part : text.split(",", -1)) {
            String rule = part.strip();
            if (rule.startsWith("^")) {
                String one = rule.substring(1).strip();
                if (one.indexOf('-') >= 0) {
                    throw new UnreadableException(rule);
                }
                add(without, one, rule);
            } else if (!rule.isEmpty()) {
                add(cpus, rule, rule);
            }
        }
        cpus.removeAll(without);
        return cpus;
    }

    private static void add(SortedSet<Integer> cpus, String range, String part) {
        try {
            int dash = range.indexOf('-');
            int first = Integer.parseInt((dash < 0 ? range : range.substring(0, dash)).strip());
            int last = dash < 0
                    ? first
                    : Integer.parseInt(range.substring(dash + 1).strip());
            if (first < 0 || first > last || last >= MOST) {
                throw new UnreadableException(part);
            }
            for (int cpu = first; cpu <= last; cpu++) {
                cpus.add(cpu);
            }
        } catch (NumberFormatException e) {
            throw new UnreadableException(part);
        }
    }

    /** In libvirt's list form, {@code 4-7,9-12,15}; empty for none. */
    public static String format(SortedSet<Integer> cpus) {
        List<String> ranges = new ArrayList<>();
        int first = -1;
        int last = -2;
        for (int cpu : cpus) {
            if (cpu != last + 1) {
                if (first >= 0) {
                    ranges.add(range(first, last));
                }
                first = cpu;
            }
            last = cpu;
        }
        if (first >= 0) {
            ranges.add(range(first, last));
        }
        return String.join(",", ranges);
    }

    private static String range(int first, int last) {
        return first == last ? Integer.toString(first) : first + "-" + last;
    }
}
