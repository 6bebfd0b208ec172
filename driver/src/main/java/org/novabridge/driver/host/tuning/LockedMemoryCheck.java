package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory that processes may lock (RLIMIT_MEMLOCK): of libvirt's daemon, which locks what it gives each guest's cgroup, and of
 * each QEMU that locks its own: for passed-through devices and for memory that is to stay all of it, for rings of io_uring some. libvirt
 * raises the limit of the former by itself, so what is short here was started, or changed, by somebody else.
 */
final class LockedMemoryCheck implements TuningCheck {
    private static final String NAME = "limits";
    private static final String OF_DAEMON =
            "libvirt's libvirtd.service and virtqemud.service (LimitMEMLOCK); Linux 5.11, memory of bpf is charged to the cgroup";
    private static final String OF_DEVICES =
            "Linux Documentation/driver-api/vfio.rst; libvirt's qemu_domain.c, qemuDomainGetMemLockLimitBytes";
    private static final String OF_RINGS =
            "io_uring_setup(2), ENOMEM; QEMU's util/fdmon-io_uring.c and block/io_uring.c";
    /** For 4096 guests with 12 KiB each, rounded up (libvirtd.service). */
    private static final long DAEMON = 64L << 20;
    /** Two rings of 128 entries, of less than 16 KiB each: one for the disks, one for the loop. */
    private static final long CONTEXT = 32L << 10;

    private static final Pattern LOCKED = Pattern.compile("Max locked memory\\s+(\\S+)\\s+(\\S+).*");

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        for (String pid : LimitsCheck.daemons(host.tree())) {
            findings.add(daemon(host, pid));
        }
        for (QemuProcess guest : host.guests()) {
            findings.add(guest(host, guest));
        }
        return findings;
    }

    private static Finding daemon(ObservedHost host, String pid) {
        String name = host.tree().value("/proc/" + pid + "/comm").orElse("");
        Finding.Draft draft = Finding.about(NAME, name + " (process " + pid + "), locked memory", OF_DAEMON);
        OptionalLong limit = limit(host.tree(), pid);
        if (limit.isEmpty()) {
            return draft.wanted("enough for the guests' cgroups")
                    .unknown(host.tree().whyNot("/proc/" + pid + "/limits"));
        }
        draft.found(words(limit.getAsLong()));
        boolean unified = host.tree().exists("/sys/fs/cgroup/cgroup.controllers");
        if (!unified || newer(host, 5, 11)) {
            return draft.wanted("any")
                    .why(
                            unified
                                    ? "From Linux 5.11 on the maps that guard the guests' devices do not count."
                                    : "It locks memory only for guests' cgroups of version 2, and this host has none.")
                    .as(Severity.OK);
        }
        draft.wanted("at least " + words(DAEMON))
                .why("For each guest it locks a map of the devices that the guest may use.");
        return limit.getAsLong() < DAEMON
                ? draft.remedy("systemctl edit " + name + ", with LimitMEMLOCK=64M in [Service]")
                        .as(Severity.WARNING)
                : draft.as(Severity.OK);
    }

    private static Finding guest(ObservedHost host, QemuProcess guest) {
        boolean all = guest.passedThrough() || guest.lockedMemory();
        boolean rings = guest.ring() && !newer(host, 5, 12);
        Finding.Draft draft = Finding.about(
                NAME, "guest " + guest.guest() + ", locked memory", all || !rings ? OF_DEVICES : OF_RINGS);
        long need = (all ? guest.memory() : 0) + (rings ? (1 + guest.ioThreads()) * CONTEXT : 0);
        OptionalLong limit = limit(host.tree(), Long.toString(guest.pid()));
        if (limit.isEmpty()) {
            return draft.wanted("at least " + words(need))
                    .unknown(host.tree().whyNot("/proc/" + guest.pid() + "/limits"));
        }
        draft.found(words(limit.getAsLong()));
        if (need == 0 && !all) {
            return draft.wanted("any")
                    .why(
                            guest.ring()
                                    ? "From Linux 5.12 on rings of io_uring are charged to the cgroup, and nothing else of it is"
                                            + " locked."
                                    : "It has no passed-through device, no locked memory and no ring of io_uring.")
                    .as(Severity.OK);
        }
        if (all && guest.memory() == 0) {
            return draft.wanted("all its memory").unknown("its arguments do not tell how much memory it has");
        }
        draft.wanted("at least " + words(need)).why(why(guest, all));
        return limit.getAsLong() < need
                ? draft.remedy(
                                all
                                        ? "stop and start the guest: libvirt gives it the limit, or name it in"
                                                + " <memtune><hard_limit>"
                                        : "update the kernel, or write another io mode than io_uring")
                        .as(Severity.WARNING)
                : draft.as(Severity.OK);
    }

    private static String why(QemuProcess guest, boolean all) {
        return all
                ? (guest.passedThrough()
                        ? "A passed-through device writes to any page: all its memory is pinned."
                        : "Its memory is to stay where it is.")
                : "Before Linux 5.12 rings of io_uring count as locked memory, and a disk without one does not open.";
    }

    /** Unknown counts as old: what is enough there is enough everywhere. */
    private static boolean newer(ObservedHost host, int major, int minor) {
        return host.kernel().filter(kernel -> kernel.atLeast(major, minor)).isPresent();
    }

    private static OptionalLong limit(HostTree tree, String pid) {
        return tree.text("/proc/" + pid + "/limits").stream()
                .flatMap(String::lines)
                .map(LOCKED::matcher)
                .filter(Matcher::matches)
                .map(line -> line.group(1))
                .mapToLong(text -> text.matches("[0-9]{1,18}") ? Long.parseLong(text) : Long.MAX_VALUE)
                .findFirst();
    }

    private static String words(long bytes) {
        return bytes == Long.MAX_VALUE ? "unlimited" : bytes + " bytes";
    }
}
