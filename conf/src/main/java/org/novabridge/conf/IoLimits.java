package org.novabridge.conf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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

    /** For how many seconds a burst may last (libvirt 2.4); Nova knows none of them. */
    public static final List<String> LENGTHS = List.of(
            "read_bytes_sec_max_length",
            "write_bytes_sec_max_length",
            "total_bytes_sec_max_length",
            "read_iops_sec_max_length",
            "write_iops_sec_max_length",
            "total_iops_sec_max_length");

    /** What a profile may set, in the order in which it is written. */
    public static final List<String> ALL =
            Stream.concat(NAMES.stream(), LENGTHS.stream()).toList();

    /** What stands beside limits that the disks of a guest share. */
    public static final String GROUP = "group_name";

    private static final String BURST = "_max";
    private static final String LENGTH = "_length";
    private static final String TOTAL = "total_";

    private IoLimits() {}

    /** Whether a value is a whole number from 0 that libvirt can hold. */
    public static boolean isNumber(String value) {
        return value.matches("[0-9]{1,18}");
    }

    /** The limit without which this one means nothing: of a burst its base, of a length its burst; else empty. */
    public static Optional<String> baseOf(String name) {
        return name.endsWith(LENGTH)
                ? Optional.of(name.substring(0, name.length() - LENGTH.length()))
                : name.endsWith(BURST)
                        ? Optional.of(name.substring(0, name.length() - BURST.length()))
                        : Optional.empty();
    }

    /** Whether one is for both directions together, and the other for one direction of the same kind. */
    public static boolean exclude(String one, String other) {
        String kind = kind(one);
        return !kind.isEmpty() && kind.equals(kind(other)) && one.startsWith(TOTAL) != other.startsWith(TOTAL);
    }

    private static String kind(String name) {
        return name.contains("_bytes_sec")
                ? "bytes"
                : name.contains("_iops_sec") && !name.startsWith("size_") ? "iops" : "";
    }

    /** What is wrong with a set of limits, and what to write instead; empty when nothing is. */
    public static Optional<String> fault(Map<String, String> limits) {
        for (Map.Entry<String, String> limit : limits.entrySet()) {
            String name = limit.getKey();
            if (!ALL.contains(name)) {
                return Optional.of("has no limit of the name " + name + "; there are " + String.join(", ", ALL));
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
            if (base.isPresent() && name.endsWith(BURST)) {
                long most = Long.parseLong(limit.getValue());
                String usual = limits.getOrDefault(base.get(), "");
                if (isNumber(usual) && (Long.parseLong(usual) == 0 ? most > 0 : most < Long.parseLong(usual))) {
                    return Optional.of("has " + name + "=" + most + " beside " + base.get() + "=" + usual
                            + "; a burst is at least its limit, and needs one");
                }
            }
            if (name.endsWith(LENGTH) && Long.parseLong(limit.getValue()) == 0) {
                return Optional.of("has " + name + "=0; a burst lasts at least one second");
            }
        }
        return Optional.empty();
    }
}
