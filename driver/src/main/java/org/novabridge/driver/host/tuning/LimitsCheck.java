package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** File descriptors: of the whole host, of libvirt's daemon, and of each QEMU. */
final class LimitsCheck implements TuningCheck {
    private static final String NAME = "limits";
    private static final String SOURCE = "proc(5), getrlimit(2); libvirt's libvirtd.service and qemu.conf (max_files)";
    private static final Set<String> DAEMONS = Set.of("libvirtd", "virtqemud");
    /** What libvirt's own unit gives its daemon: two and more for each guest. */
    private static final long OF_DAEMON = 8192;

    private static final Pattern OPEN_FILES = Pattern.compile("Max open files\\s+(\\S+)\\s+(\\S+).*");

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        findings.add(all(host.tree()));
        daemons(host.tree()).forEach(pid -> findings.add(daemon(host.tree(), pid)));
        host.guests().forEach(guest -> guest(host.tree(), guest).ifPresent(findings::add));
        return findings;
    }

    /** Processes of libvirt's daemon that starts guests. */
    static List<String> daemons(HostTree tree) {
        return tree.names("/proc").stream()
                .filter(name -> name.matches("[0-9]{1,10}")
                        && tree.value("/proc/" + name + "/comm")
                                .filter(DAEMONS::contains)
                                .isPresent())
                .toList();
    }

    private static Finding all(HostTree tree) {
        Finding.Draft draft = Finding.about(NAME, "fs.file-nr", SOURCE).wanted("at most 80 % of fs.file-max");
        String[] words = tree.value("/proc/sys/fs/file-nr").orElse("").split("\\s+", -1);
        if (words.length != 3 || !words[0].matches("[0-9]{1,18}") || !words[2].matches("[0-9]{1,19}")) {
            return draft.unknown(tree.whyNot("/proc/sys/fs/file-nr"));
        }
        double share = Double.parseDouble(words[0]) / Double.parseDouble(words[2]);
        draft.found(words[0] + " of " + words[2] + " open files").why("At the limit nobody on the host opens a file.");
        return share > 0.8
                ? draft.remedy("write fs.file-max = " + Long.parseLong(words[0]) * 4 + " in a file of yours in"
                                + " /etc/sysctl.d")
                        .as(Severity.WARNING)
                : draft.as(Severity.OK);
    }

    private static Finding daemon(HostTree tree, String pid) {
        String name = tree.value("/proc/" + pid + "/comm").orElse("");
        Finding.Draft draft =
                Finding.about(NAME, name + " (process " + pid + ")", SOURCE).wanted("at least " + OF_DAEMON + " files");
        OptionalLong limit = openFiles(tree, pid, 1);
        if (limit.isEmpty()) {
            return draft.unknown(tree.whyNot("/proc/" + pid + "/limits"));
        }
        draft.found(number(limit.getAsLong())).why("It keeps two descriptors and more open for each guest.");
        return limit.getAsLong() < OF_DAEMON
                ? draft.remedy("systemctl edit " + name + ", with LimitNOFILE=" + OF_DAEMON + " in [Service]")
                        .as(Severity.WARNING)
                : draft.as(Severity.OK);
    }

    private static Optional<Finding> guest(HostTree tree, QemuProcess guest) {
        String pid = Long.toString(guest.pid());
        Finding.Draft draft =
                Finding.about(NAME, "guest " + guest.guest(), SOURCE).wanted("room for more disks");
        OptionalLong limit = openFiles(tree, pid, 1);
        // Only root sees what another user's process has open.
        int open = tree.names("/proc/" + pid + "/fd").size();
        if (limit.isEmpty() || open == 0 || open <= limit.getAsLong() / 10 * 8) {
            return Optional.empty();
        }
        return Optional.of(draft.found(open + " of " + limit.getAsLong() + " open files")
                .why("At the limit no disk, port or I/O thread can be added to the guest.")
                .remedy("max_files = " + limit.getAsLong() * 4 + " in qemu.conf; it holds from the guest's next start")
                .as(Severity.WARNING));
    }

    private static OptionalLong openFiles(HostTree tree, String pid, int group) {
        return tree.text("/proc/" + pid + "/limits").stream()
                .flatMap(String::lines)
                .map(OPEN_FILES::matcher)
                .filter(Matcher::matches)
                .map(line -> line.group(group))
                .mapToLong(text -> text.matches("[0-9]{1,18}") ? Long.parseLong(text) : Long.MAX_VALUE)
                .findFirst();
    }

    private static String number(long limit) {
        return limit == Long.MAX_VALUE ? "unlimited" : Long.toString(limit);
    }
}
