package org.novabridge.driver.host.tuning;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.novabridge.driver.host.tuning.PhysicalDisk.Kind;

/**
 * Which scheduler a disk should have, by its kind and by what the kernel offers for it; pure. Only a name that the kernel
 * lists is ever wanted. Kernels before 5.0 may still list the old names, and then these are meant.
 *
 * <p>Source: Linux Documentation/block/switching-sched.rst; Red Hat Enterprise Linux 9, "Setting the disk scheduler".
 */
final class SchedulerRule {
    /** Old names, which guides still have, and what took their place with Linux 5.0. */
    private static final Map<String, String> TODAY = Map.of("deadline", "mq-deadline", "noop", "none", "cfq", "bfq");

    private static final Map<String, String> BEFORE = Map.of("mq-deadline", "deadline", "none", "noop", "bfq", "cfq");

    /** What is to be done. */
    enum Verdict {
        /** It has one that is right. */
        RIGHT,
        /** It is to be given another one. */
        CHANGE,
        /** The kernel does not offer the one that it should have. */
        NOT_OFFERED,
        NO_RULE
    }

    /**
     * @param wanted name to be written, of those that are offered; where there is no rule, what it has
     * @param why one sentence
     */
    record Decision(Verdict verdict, String wanted, String why) {}

    private SchedulerRule() {}

    /** The name of today for one that guides still have; any other as it is. */
    static String today(String name) {
        return TODAY.getOrDefault(name, name);
    }

    /** @param hardwareRaid the disk is an array behind a controller with a cache and an order of its own */
    static Decision decide(Kind kind, boolean hardwareRaid, Choice has) {
        if (kind == Kind.OTHER || has.offered().isEmpty()) {
            return new Decision(Verdict.NO_RULE, has.selected(), "No rule for this kind of device.");
        }
        String best = switch (kind) {
            case NVME, VIRTIO -> "none";
            default -> hardwareRaid ? "none" : "mq-deadline";
        };
        String today = today(has.selected());
        if (today.equals(best) || alsoRight(kind, hardwareRaid).contains(today)) {
            return new Decision(Verdict.RIGHT, has.selected(), why(kind, hardwareRaid));
        }
        for (String name : List.of(best, BEFORE.getOrDefault(best, best))) {
            if (has.offers(name)) {
                return new Decision(Verdict.CHANGE, name, why(kind, hardwareRaid));
            }
        }
        return new Decision(Verdict.NOT_OFFERED, best, why(kind, hardwareRaid));
    }

    /** What an operator may have chosen with reason. */
    private static Set<String> alsoRight(Kind kind, boolean hardwareRaid) {
        return switch (kind) {
            case SSD -> Set.of("none", "kyber", "mq-deadline");
            case HDD -> hardwareRaid ? Set.of("mq-deadline", "bfq") : Set.of("bfq");
            default -> Set.of();
        };
    }

    private static String why(Kind kind, boolean hardwareRaid) {
        return switch (kind) {
            case NVME -> "An NVMe disk has many queues and no seeks: sorting only costs processor time.";
            case VIRTIO -> "The host below sorts for the real disk; sorting twice only costs time.";
            case SSD ->
                "mq-deadline keeps reads ahead of floods of writes; none is right where the processor is the limit.";
            default ->
                hardwareRaid
                        ? "The controller sorts for its own disks."
                        : "Seeks are what costs: mq-deadline sorts and bounds the wait; bfq is right where shares matter.";
        };
    }
}
