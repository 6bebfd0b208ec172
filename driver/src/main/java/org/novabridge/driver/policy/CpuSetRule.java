package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ComputeOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Host CPUs a guest floats on: [compute]cpu_shared_set (driver.py 26.2.2, _get_guest_numa_config). */
final class CpuSetRule {
    private static final int MOST = 4096;

    private CpuSetRule() {}

    /**
     * @throws BridgeException INVALID_CONFIGURATION when the set cannot be read
     */
    static @Nullable String decide(GuestContext guest) {
        String text = guest.config().find(ComputeOptions.CPU_SHARED_SET).orElse("");
        return text.isBlank() ? null : format(parse(text));
    }

    static SortedSet<Integer> parse(String text) {
        SortedSet<Integer> cpus = new TreeSet<>();
        SortedSet<Integer> without = new TreeSet<>();
        for (String part : text.split(",", -1)) {
            String rule = part.strip();
            if (rule.isEmpty()) {
                continue;
            }
            try {
                if (rule.startsWith("^")) {
                    without.add(Integer.parseInt(rule.substring(1).strip()));
                    continue;
                }
                int dash = rule.indexOf('-');
                int first = Integer.parseInt((dash < 0 ? rule : rule.substring(0, dash)).strip());
                int last = dash < 0
                        ? first
                        : Integer.parseInt(rule.substring(dash + 1).strip());
                if (first > last || last >= MOST) {
                    throw unreadable(rule);
                }
                for (int cpu = first; cpu <= last; cpu++) {
                    cpus.add(cpu);
                }
            } catch (NumberFormatException e) {
                throw unreadable(rule);
            }
        }
        cpus.removeAll(without);
        return cpus;
    }

    private static String format(SortedSet<Integer> cpus) {
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

    private static BridgeException unreadable(String part) {
        return new BridgeException(
                ErrorCode.INVALID_CONFIGURATION,
                "[compute]cpu_shared_set has the part '" + Quoted.text(part) + "', which names no CPUs",
                "Write CPUs as 4-12,^8,15.");
    }
}
