package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.novabridge.driver.host.tuning.PhysicalDisk.Kind;
import org.novabridge.driver.host.tuning.SchedulerRule.Decision;

/** The scheduler of each disk below the guests' storage, decided by {@link SchedulerRule}. */
final class SchedulerCheck implements TuningCheck {
    static final String NAME = "scheduler";
    private static final String SOURCE =
            "Linux Documentation/block/switching-sched.rst; RHEL 9, Setting the disk scheduler";
    /** Modules with another name than their scheduler's. */
    private static final Map<String, String> FILES =
            Map.of("kyber", "kyber-iosched", "deadline", "deadline-iosched", "cfq", "cfq-iosched");

    /** What controllers of arrays call themselves. */
    private static final Pattern ARRAY = Pattern.compile(
            "(?i).*(PERC|LOGICAL VOLUME|MegaRAID|\\bMR[0-9]{4}|SMART ?ARRAY|ServeRAID|LogicalDrv|\\bRAID\\b).*");

    @Override
    public List<Finding> look(ObservedHost host) {
        List<Finding> findings = new ArrayList<>();
        host.storage()
                .unseen()
                .forEach(unseen -> findings.add(Finding.about(NAME, unseen.subject(), SOURCE)
                        .wanted("a scheduler that fits the disk")
                        .unknown(unseen.reason())));
        host.storage().disks().forEach(disk -> findings.add(of(host.tree(), disk)));
        return findings;
    }

    private static Finding of(HostTree tree, PhysicalDisk disk) {
        String path = disk.queue("scheduler");
        Finding.Draft draft = Finding.about(
                NAME, disk.name() + " (" + disk.kind().words() + ", below " + disk.carries() + ")", SOURCE);
        Optional<Choice> has = tree.choice(path);
        if (has.isEmpty()) {
            return draft.wanted("a scheduler that fits the disk").unknown(tree.whyNot(path));
        }
        Decision decision = SchedulerRule.decide(disk.kind(), array(tree, disk), has.get());
        draft.found(has.get().selected()).wanted(decision.wanted()).why(decision.why());
        if (decision.verdict() == SchedulerRule.Verdict.NO_RULE) {
            return draft.as(Severity.OK);
        }
        Setting setting =
                new Setting(path, has.get().selected(), decision.wanted(), kept(disk, "scheduler", decision.wanted()));
        Optional<String> module = module(tree, decision.wanted());
        // Also when it is loaded: a line that an earlier run has written is what loads it.
        module.ifPresent(name -> draft.setting(Setting.module(tree, name)));
        if (decision.verdict() == SchedulerRule.Verdict.NOT_OFFERED) {
            String only =
                    "the kernel offers only " + String.join(", ", has.get().offered()) + " for this disk";
            module.ifPresent(name -> draft.setting(setting.fromBootOn()));
            return draft.remedy(
                            module.isPresent()
                                    ? "for now: modprobe " + module.get() + ", then nova-bridge host apply; " + only
                                    : "use a kernel with " + decision.wanted() + "; " + only)
                    .as(Severity.WARNING);
        }
        return draft.setting(setting).as(setting.differs() ? Severity.WARNING : Severity.OK);
    }

    /** The module of a scheduler, where this kernel has it as one. */
    private static Optional<String> module(HostTree tree, String scheduler) {
        String name = FILES.getOrDefault(scheduler, scheduler);
        String modules =
                "/lib/modules/" + tree.value("/proc/sys/kernel/osrelease").orElse("") + "/modules.dep";
        return tree.text(modules).stream()
                .flatMap(String::lines)
                .map(line -> line.split(":", 2)[0])
                .filter(file -> file.matches("(.*/)?" + Pattern.quote(name) + "\\.ko(\\.[a-z0-9]+)?"))
                .map(file -> name)
                .findFirst();
    }

    private static boolean array(HostTree tree, PhysicalDisk disk) {
        if (disk.kind() != Kind.HDD && disk.kind() != Kind.SSD) {
            return false;
        }
        String device = "/sys/block/" + disk.name() + "/device/";
        String words = tree.value(device + "vendor").orElse("") + " "
                + tree.value(device + "model").orElse("");
        return ARRAY.matcher(words).matches();
    }

    /** By what stays with the disk where there is such a thing: names move from boot to boot. */
    static Optional<KeptLine> kept(PhysicalDisk disk, String attribute, String value) {
        String match = disk.identity()
                .map(identity -> identity.attribute() + "==\"" + pattern(identity.value()) + "\"")
                .orElse("KERNEL==\"" + disk.name() + "\"");
        return Optional.of(new KeptLine(
                OwnFile.UDEV,
                "ACTION==\"add|change\", SUBSYSTEM==\"block\", ENV{DEVTYPE}==\"disk\", " + match + ", ATTR{queue/"
                        + attribute + "}=\"" + value + "\""));
    }

    /** udev compares with a shell pattern; a letter that could mean something there stands for any one. */
    private static String pattern(String text) {
        return text.replaceAll("[^A-Za-z0-9._:-]", "?");
    }
}
