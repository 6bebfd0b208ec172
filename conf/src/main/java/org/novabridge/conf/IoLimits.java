package org.novabridge.conf;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The limits of a disk by libvirt's names (formatdomain, iotune). For bytes and for operations there is either
 * one limit for both directions or one for each: QEMU refuses a mixture.
 */
public final class IoLimits {
    /** In the order in which Nova writes them (nova/virt/libvirt/config.py 26.2.2, _format_iotune). */
    public static final List<String> NAMES = List.of(
            "read_bytes_sec",
            "read_iops_sec",
            "write_bytes_sec",
            "write_iops_sec",
            "total_bytes_sec",
            "total_iops_sec",
            "read_bytes_sec_max",
            "write_bytes_sec_max",
            "total_bytes_sec_max",
            "read_iops_sec_max",
            "write_iops_sec_max",
            "total_iops_sec_max",
            "size_iops_sec");

    private static final String BURST = "_max";
    private static final String TOTAL = "total_";

    private IoLimits() {}

    /** Whether a value is a whole number from 0 that libvirt can hold. */
    public static boolean isNumber(String value) {
        return value.matches("[0-9]{1,18}");
    }

    /** The limit that {@code burst} may exceed for a while; empty when it is no burst. */
    public static Optional<String> baseOf(String name) {
        return name.endsWith(BURST) ? Optional.of(name.substring(0, name.length() - BURST.length())) : Optional.empty();
    }

    /** Whether one is for both directions together, and the other for one direction of the same kind. */
    public static boolean exclude(String one, String other) {
        String kind = kind(one);
        return !kind.isEmpty() && kind.equals(kind(other)) && one.startsWith(TOTAL) != other.startsWith(TOTAL);
    }

    private static String kind(String name) {
        return name.contains("_bytes_sec") ? "bytes" : name.startsWith("size_") ? "" : "iops";
    }

    /** What is wrong with a set of limits, and what to write instead; empty when nothing is. */
    static Optional<String> fault(Map<String, String> limits) {
        for (Map.Entry<String, String> limit : limits.entrySet()) {
            String name = limit.getKey();
            if (!NAMES.contains(name)) {
                return Optional.of("has no limit of the name " + name + "; there are " + String.join(", ", NAMES));
            }
            if (!isNumber(limit.getValue())) {
                return Optional.of("wants a whole number from 0 for " + name);
            }
            Optional<String> mixed = limits.keySet().stream()
                    .filter(other -> exclude(name, other))
                    .findFirst();
            if (mixed.isPresent()) {
                return Optional.of("has " + name + " beside " + mixed.get() + ", which QEMU refuses");
            }
            Optional<String> base = baseOf(name);
            if (base.isPresent() && !limits.containsKey(base.get())) {
                return Optional.of("has " + name + " without " + base.get());
            }
        }
        return Optional.empty();
    }
}
