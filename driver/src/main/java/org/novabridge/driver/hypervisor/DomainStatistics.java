package org.novabridge.driver.hypervisor;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.novabridge.driver.hypervisor.GuestStatistics.DiskTraffic;
import org.novabridge.driver.hypervisor.GuestStatistics.PortTraffic;
import org.novabridge.driver.hypervisor.GuestStatistics.ProcessorTime;

/** {@code virDomainListGetStats} for one domain, and its answer: names like {@code block.0.rd.bytes} with their values. */
final class DomainStatistics {
    private static final String BALLOON = "balloon.";

    private DomainStatistics() {}

    /** Asks for those of a running domain. */
    static GuestStatistics of(NativeLibvirt libvirt, Pointer domain, String what) {
        PointerByReference records = new PointerByReference();
        try (Memory domains = new Memory(2L * Native.POINTER_SIZE)) {
            domains.setPointer(0, domain);
            domains.setPointer(Native.POINTER_SIZE, null);
            int count = libvirt.domains.virDomainListGetStats(domains, LibvirtDomainCalls.STATS_OF_A_GUEST, records, 0);
            if (count < 0) {
                throw LibvirtErrors.last(what);
            }
        }
        try {
            // virDomainStatsRecord: the domain, its parameters, how many.
            Pointer record = records.getValue().getPointer(0);
            return read(
                    record == null
                            ? Map.of()
                            : TypedParameters.read(
                                    record.getPointer(Native.POINTER_SIZE), record.getInt(2L * Native.POINTER_SIZE)));
        } finally {
            libvirt.domains.virDomainStatsRecordListFree(records.getValue());
        }
    }

    static GuestStatistics read(Map<String, Object> values) {
        Map<String, Long> memory = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(BALLOON) && !name.equals("balloon.maximum") && value instanceof Long number) {
                memory.put(name.substring(BALLOON.length()).replace('-', '_'), number);
            }
        });
        return new GuestStatistics(
                number(values, "balloon.maximum"),
                memory,
                // Processors that are not plugged have no state, and leave gaps.
                each(values, "vcpu.maximum", i -> new ProcessorTime(i, number(values, "vcpu." + i + ".time"))).stream()
                        .filter(processor -> values.containsKey("vcpu." + processor.id() + ".state"))
                        .toList(),
                each(values, "block.count", i -> disk(values, "block." + i + ".")),
                each(values, "net.count", i -> port(values, "net." + i + ".")));
    }

    private static DiskTraffic disk(Map<String, Object> values, String prefix) {
        return new DiskTraffic(
                String.valueOf(values.get(prefix + "name")),
                number(values, prefix + "rd.reqs"),
                number(values, prefix + "rd.bytes"),
                number(values, prefix + "wr.reqs"),
                number(values, prefix + "wr.bytes"));
    }

    private static PortTraffic port(Map<String, Object> values, String prefix) {
        return new PortTraffic(
                String.valueOf(values.get(prefix + "name")),
                number(values, prefix + "rx.bytes"),
                number(values, prefix + "rx.pkts"),
                number(values, prefix + "rx.errs"),
                number(values, prefix + "rx.drop"),
                number(values, prefix + "tx.bytes"),
                number(values, prefix + "tx.pkts"),
                number(values, prefix + "tx.errs"),
                number(values, prefix + "tx.drop"));
    }

    private static <T> List<T> each(Map<String, Object> values, String count, IntFunction<T> one) {
        List<T> all = new ArrayList<>();
        for (int i = 0; i < number(values, count); i++) {
            all.add(one.apply(i));
        }
        return all;
    }

    /** What libvirt does not know is not among the values. */
    private static long number(Map<String, Object> values, String name) {
        return values.get(name) instanceof Long number ? number : 0;
    }
}
