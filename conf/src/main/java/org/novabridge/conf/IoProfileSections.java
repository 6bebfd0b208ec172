package org.novabridge.conf;

import static org.novabridge.conf.Problem.Severity.ERROR;
import static org.novabridge.conf.Problem.Severity.WARNING;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The {@code [io_profile:NAME]} sections of all files. oslo.config compares names of sections in small letters and
 * merges those that are equal; files that come later may add to a profile of an earlier one.
 */
final class IoProfileSections {
    private static final Pattern SHOWABLE = Pattern.compile("[A-Za-z0-9_.: -]{0,80}");

    /** A head of a section, and where it stands. */
    private record Head(String written, Origin.FileLine origin) {
        String shown() {
            return SHOWABLE.matcher(written).matches()
                    ? "[" + written + "]"
                    : "[" + IoProfileOptions.PREFIX + "…] (no plain name)";
        }
    }

    private final Map<String, List<Head>> byName = new TreeMap<>();
    private final Problems.Collector problems;

    IoProfileSections(List<OsloConfiguration> files, Problems.Collector problems) {
        this.problems = problems;
        for (OsloConfiguration file : files) {
            for (OsloIniReader.Section section : file.sections()) {
                String name = OsloConfiguration.normal(section.name());
                if (name.startsWith(IoProfileOptions.PREFIX)) {
                    byName.computeIfAbsent(name, unseen -> new ArrayList<>())
                            .add(new Head(section.name(), new Origin.FileLine(file.file(), section.line())));
                }
            }
        }
    }

    /** Names of sections, in small letters; without those that no flavor can name. */
    SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>(byName.keySet());
        names.removeIf(name -> profile(name).isBlank());
        return names;
    }

    private static String profile(String section) {
        return section.substring(IoProfileOptions.PREFIX.length());
    }

    void report() {
        byName.forEach((name, heads) -> {
            if (profile(name).isBlank()) {
                heads.forEach(head -> problems.add(
                        ERROR,
                        head.origin(),
                        "",
                        "the section " + head.shown() + " names no profile",
                        "write [" + IoProfileOptions.PREFIX + "NAME]"));
                return;
            }
            if (!profile(name).equals(profile(name).strip())) {
                heads.forEach(head -> problems.add(
                        WARNING,
                        head.origin(),
                        "",
                        "the section " + head.shown()
                                + " has blanks around the profile's name, by which no flavor finds it",
                        "take the blanks out"));
            }
            merged(heads);
        });
    }

    private void merged(List<Head> heads) {
        for (int i = 1; i < heads.size(); i++) {
            Head head = heads.get(i);
            Head before = heads.get(i - 1);
            if (!head.written().equals(before.written())
                    || head.origin().file().equals(before.origin().file())) {
                problems.add(
                        WARNING,
                        head.origin(),
                        "",
                        "the section " + head.shown() + " is the same profile as " + before.shown() + " ("
                                + before.origin().describe()
                                + "): names are compared in small letters, and their settings are merged",
                        "write one section, or give one of them another name");
            }
        }
    }
}
