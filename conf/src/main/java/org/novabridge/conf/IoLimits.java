package org.novabridge.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
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

    /** The greatest limit (libvirt's QEMU_BLOCK_IOTUNE_MAX, QEMU's THROTTLE_VALUE_MAX). */
    public static final long MOST = 1_000_000_000_000_000L;

    /** Which values a limit takes, for messages. */
    public static final String RANGE = "a whole number from 0 to " + MOST;

    private static final String BURST = "_max";
    private static final String LENGTH = "_length";
    private static final String TOTAL = "total_";

    private IoLimits() {}

    /** Whether a value is a whole number from 0 that libvirt and QEMU take. */
    public static boolean isNumber(String value) {
        return value.matches("[0-9]{1,16}") && Long.parseLong(value) <= MOST;
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

    /**
     * What is wrong with a set of limits.
     *
     * @param sentence the end of one that begins with what sets them
     * @param hint what to write instead
     */
    public record Fault(String sentence, String hint) {}

    /** What is wrong with a set of limits, which go by libvirt's names; empty when nothing is. */
    public static List<Fault> faults(Map<String, String> limits) {
        return faults(limits, name -> name);
    }

    /**
     * The same of limits that their writer calls otherwise.
     *
     * @param called what stands for a name of libvirt in the place where the limits are written
     */
    public static List<Fault> faults(Map<String, String> limits, UnaryOperator<String> called) {
        List<Fault> faults = new ArrayList<>();
        limits.forEach((name, value) -> {
            if (!ALL.contains(name)) {
                faults.add(new Fault(
                        "has no limit of the name " + name + "; there are " + String.join(", ", ALL),
                        EditDistance.nearest(name, ALL)
                                .map(near -> "did you mean " + near + "?")
                                .orElse("write one of these names")));
            } else if (!isNumber(value)) {
                faults.add(new Fault(
                        "wants " + RANGE + " for " + called.apply(name) + ", and has " + Quoted.word(value),
                        "write digits, as 500"));
            } else {
                beside(name, limits, called)
                        .or(() -> alone(name, limits, called))
                        .ifPresent(faults::add);
            }
        });
        return faults;
    }

    /** Told of the limit for both directions, so that each pair is told of once. */
    private static Optional<Fault> beside(String name, Map<String, String> limits, UnaryOperator<String> called) {
        List<String> others = rivals(name, limits);
        if (others.isEmpty() || !name.startsWith(TOTAL)) {
            return Optional.empty();
        }
        return Optional.of(new Fault(
                "has " + called.apply(name) + " beside "
                        + others.stream().map(called).collect(Collectors.joining(" and ")) + ", which QEMU refuses",
                "keep the limit for both directions together, or those for each"));
    }

    private static List<String> rivals(String name, Map<String, String> limits) {
        return limits.keySet().stream()
                .filter(other -> exclude(name, other) && limit(limits, name) > 0 && limit(limits, other) > 0)
                .toList();
    }

    /** What a burst lacks, or its length. */
    private static Optional<Fault> alone(String name, Map<String, String> limits, UnaryOperator<String> called) {
        String base = baseOf(name).orElse("");
        if (base.isEmpty() || !rivals(name, limits).isEmpty()) {
            return Optional.empty();
        }
        String shown = called.apply(name);
        if (!limits.containsKey(base) || name.endsWith(LENGTH) && limit(limits, base) == 0) {
            return Optional.of(
                    new Fault("has " + shown + " without " + called.apply(base), "add " + called.apply(base)));
        }
        long most = limit(limits, name);
        long usual = limit(limits, base);
        if (name.endsWith(BURST) && most > 0 && (usual == 0 || most < usual)) {
            return Optional.of(new Fault(
                    "has " + shown + "=" + most + " beside " + called.apply(base) + "=" + usual
                            + "; a burst is at least its limit, and needs one",
                    usual == 0
                            ? "set " + called.apply(base) + ", or take the burst out"
                            : "write " + usual + " or more"));
        }
        if (name.endsWith(LENGTH) && most == 0) {
            return Optional.of(new Fault("has " + shown + "=0; a burst lasts at least one second", "write 1 or more"));
        }
        return Optional.empty();
    }

    /** 0 is no limit, and so is what cannot be read: that is a fault of its own. */
    private static long limit(Map<String, String> limits, String name) {
        String value = limits.getOrDefault(name, "0");
        return isNumber(value) ? Long.parseLong(value) : 0;
    }
}
