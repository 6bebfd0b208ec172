package org.novabridge.driver.host.tuning;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.novabridge.driver.host.tuning.TuningChange.Advice;
import org.novabridge.driver.host.tuning.TuningChange.FileWrite;
import org.novabridge.driver.host.tuning.TuningChange.KernelWrite;

/**
 * Exactly what {@code host apply} would do.
 *
 * @param now values of the kernel, at once
 * @param afterBoot files that make them hold
 * @param advice what is left to the operator
 * @param foreign files that lie where ours belong and are not ours: while there is one, nothing is applied
 */
public record TuningPlan(List<KernelWrite> now, List<FileWrite> afterBoot, List<Advice> advice, List<String> foreign) {
    public TuningPlan {
        now = List.copyOf(now);
        afterBoot = List.copyOf(afterBoot);
        advice = List.copyOf(advice);
        foreign = List.copyOf(foreign);
    }

    /** Nothing to apply; there may be advice. */
    public boolean done() {
        return now.isEmpty() && afterBoot.isEmpty();
    }

    static TuningPlan of(HostTree tree, List<Finding> findings) {
        Map<String, KernelWrite> now = new LinkedHashMap<>();
        List<Advice> advice = new ArrayList<>();
        for (Finding finding : findings) {
            for (Setting setting : finding.settings()) {
                if (setting.differs() && setting.now()) {
                    now.putIfAbsent(
                            setting.path(),
                            new KernelWrite(setting.path(), setting.found(), setting.wanted(), finding.check()));
                }
            }
            if (finding.remedy() != null) {
                advice.add(new Advice(finding.subject(), finding.remedy()));
            }
        }
        List<FileWrite> files = new ArrayList<>();
        List<String> foreign = new ArrayList<>();
        for (OwnFile file : OwnFile.values()) {
            Optional<String> before = tree.text(file.path());
            String content = content(file, before.filter(OwnFile::ours).orElse(""), findings);
            boolean theirs = before.filter(OwnFile::ours).isEmpty();
            if (before.filter(content::equals).isPresent() || (content.isEmpty() && theirs)) {
                continue;
            }
            if (tree.isLink(file.path()) || (tree.present(file.path()) && theirs)) {
                foreign.add(file.path());
            } else {
                files.add(new FileWrite(file.path(), before.orElse(null), content));
            }
        }
        return new TuningPlan(List.copyOf(now.values()), files, advice, foreign);
    }

    /** What is wrong now, and what an earlier run has written and is still wanted; empty when there is none of it. */
    private static String content(OwnFile file, String before, List<Finding> findings) {
        Set<String> earlier = new LinkedHashSet<>(before.lines().toList());
        StringBuilder text = new StringBuilder();
        Set<String> written = new LinkedHashSet<>();
        for (Finding finding : findings) {
            boolean titled = false;
            for (Setting setting : finding.settings()) {
                Optional<String> line = setting.kept()
                        .filter(kept -> kept.file() == file)
                        .map(KeptLine::line)
                        .filter(kept -> setting.differs() || earlier.contains(kept))
                        .filter(written::add);
                if (line.isPresent()) {
                    text.append(titled ? "" : title(finding)).append(line.get()).append('\n');
                    titled = true;
                }
            }
        }
        keepOfUnknown(before, findings, text, written);
        return text.isEmpty() ? "" : OwnFile.ORIGIN + "\n" + text;
    }

    /** What a check has wanted that cannot see now whether it still does. */
    private static void keepOfUnknown(String before, List<Finding> findings, StringBuilder text, Set<String> written) {
        Set<String> unknown = findings.stream()
                .filter(finding -> finding.severity() == Severity.UNKNOWN)
                .map(Finding::check)
                .collect(Collectors.toSet());
        String title = "";
        for (String line : before.lines().toList()) {
            if (line.startsWith("# ")) {
                title = line;
            } else if (title.contains(": ")
                    && unknown.contains(title.substring(2, title.indexOf(": ")))
                    && written.add(line)) {
                if (text.indexOf(title + "\n") < 0) {
                    text.append(title).append('\n');
                }
                text.append(line).append('\n');
            }
        }
    }

    private static String title(Finding finding) {
        return "# "
                + (finding.check() + ": " + finding.subject() + "; " + finding.source()).replaceAll("\\p{Cntrl}", "?")
                + "\n";
    }
}
