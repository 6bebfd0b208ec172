package org.novabridge.driver.policy;

import java.util.List;
import java.util.Set;

/**
 * Performance events: those libvirt knows, without the cache monitoring events that today's kernels no
 * longer have (driver.py 26.2.2, _get_supported_perf_events).
 */
final class PerfEventsRule {
    /** libvirt 9.0, VIR_PERF_PARAM_…, less cmt, mbmt and mbml. */
    private static final Set<String> KNOWN = Set.of(
            "cache_misses",
            "cache_references",
            "instructions",
            "cpu_cycles",
            "branch_instructions",
            "branch_misses",
            "bus_cycles",
            "stalled_cycles_frontend",
            "stalled_cycles_backend",
            "ref_cpu_cycles",
            "cpu_clock",
            "task_clock",
            "page_faults",
            "context_switches",
            "cpu_migrations",
            "page_faults_min",
            "page_faults_maj",
            "alignment_faults",
            "emulation_faults");

    private PerfEventsRule() {}

    static List<String> decide(List<String> wanted) {
        return wanted.stream().filter(KNOWN::contains).toList();
    }
}
