package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What older guides had operators write for the scheduler, and what became of it: {@code elevator=} on the kernel's command
 * line has no effect since Linux 5.0 (commits 85c0a037dc7a and f8db383507d6 of Linux), and the names noop, deadline
 * and cfq went with it.
 */
final class LegacySchedulerCheck implements TuningCheck {
    private static final String NAME = "scheduler";
    private static final String SOURCE =
            "Linux commits 85c0a037dc7a (argument removed) and f8db383507d6 (\"does not have any effect anymore\")";
    private static final List<String> FOLDERS =
            List.of("/etc/udev/rules.d", "/usr/lib/udev/rules.d", "/etc/tmpfiles.d", "/usr/lib/tmpfiles.d");
    private static final Pattern OLD = Pattern.compile(
            "^[^#]*(?:queue/scheduler\\}\\s*=|queue/scheduler\\s)[^#]*?\\b(?<!-)(deadline|noop|cfq)\\b.*"
                    + "|^[^#]*echo\\s+\"?(noop|deadline|cfq)\"?\\s*>\\s*\\S+/queue/scheduler.*");

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        boolean modern = host.kernel().filter(kernel -> kernel.atLeast(5, 0)).isPresent();
        for (String word : host.commandLine()) {
            if (word.startsWith("elevator=")) {
                findings.add(elevator(word, modern));
            }
        }
        if (modern) {
            for (String folder : FOLDERS) {
                host.tree().names(folder).forEach(name -> lines(host.tree(), folder + "/" + name, findings));
            }
            lines(host.tree(), "/etc/rc.local", findings);
        }
        return findings;
    }

    private static Finding elevator(String word, boolean modern) {
        String asked = word.substring("elevator=".length());
        Finding.Draft draft = Finding.about(NAME, "kernel command line", SOURCE).found(word);
        if (!modern) {
            return draft.wanted("a rule for each kind of disk")
                    .why("It sets one scheduler for all disks, whatever they are, and ends with Linux 5.0.")
                    .as(Severity.NOTE);
        }
        return draft.wanted("no such word")
                .why("This kernel ignores it: disks keep the scheduler that the kernel or udev gives them. What was"
                        + " meant is " + SchedulerRule.today(asked) + " today.")
                .remedy("take " + word + " out of GRUB_CMDLINE_LINUX in /etc/default/grub and run update-grub")
                .as(Severity.WARNING);
    }

    private static void lines(HostTree tree, String file, List<Finding> findings) {
        int number = 0;
        for (String line : tree.text(file).stream().flatMap(String::lines).toList()) {
            number++;
            Matcher old = OLD.matcher(line);
            if (old.matches()) {
                String name = old.group(1) == null ? old.group(2) : old.group(1);
                findings.add(Finding.about(NAME, file + ":" + number, SOURCE)
                        .found(name)
                        .wanted(SchedulerRule.today(name))
                        .why("The kernel knows no scheduler of this name any more, so the line does nothing.")
                        .remedy("write " + SchedulerRule.today(name)
                                + " there, or remove the line: host apply writes a rule for each disk of the guests")
                        .as(Severity.WARNING));
            }
        }
    }
}
