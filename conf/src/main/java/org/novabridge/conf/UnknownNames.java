package org.novabridge.conf;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Reports names in the files that nobody knows: options in the sections we declare, and misspelt section names. */
final class UnknownNames {
    /** What may be shown: a line that is no option at all may be a piece of a password. */
    private static final Pattern SHOWABLE = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,79}");

    private final OptionSchema schema;
    private final KnownNames known;
    private final Problems.Collector problems;

    UnknownNames(OptionSchema schema, KnownNames known, Problems.Collector problems) {
        this.schema = schema;
        this.known = known;
        this.problems = problems;
    }

    /** The section under which the options of a file's section are declared. */
    static String schemaGroup(String section) {
        return section.startsWith(IoProfileOptions.PREFIX) ? IoProfileOptions.SECTION.group() : section;
    }

    static boolean showable(String key) {
        return SHOWABLE.matcher(key).matches();
    }

    void report(List<OsloConfiguration> files) {
        for (OsloConfiguration file : files) {
            file.undeclared().forEach(key -> option(file.file(), key));
            file.sections().forEach(section -> section(file.file(), section));
        }
    }

    private void option(String file, OsloIniReader.Key key) {
        String section = OsloConfiguration.normal(key.section());
        String group = schemaGroup(section);
        if (!schema.groups().contains(group) || known.has(section, key.key())) {
            return;
        }
        boolean showable = showable(key.key());
        Set<String> candidates = new TreeSet<>(schema.names(group));
        candidates.addAll(known.names(section));
        Optional<String> meant = showable ? EditDistance.nearest(key.key(), candidates) : Optional.empty();
        problems.add(new Problem(
                Problem.Severity.WARNING,
                file,
                key.line(),
                showable ? "[" + section + "]" + key.key() : "",
                showable ? "is no option of Nova or of the bridge" : "the line sets something that is no option name",
                meant.map(name -> "did you mean " + name + "?")
                        .or(() -> elsewhere(key.key()).map(place -> "it belongs in [" + place + "]"))
                        .orElse("remove it, or check its spelling and its section")));
    }

    private Optional<String> elsewhere(String name) {
        return schema.groups().stream()
                .filter(group -> schema.find(group, name).isPresent())
                .findFirst();
    }

    /** Whether the section is a misspelt {@code [io_profile:NAME]}. */
    private boolean profile(String file, OsloIniReader.Section section, String name) {
        int colon = name.indexOf(':');
        String head = (colon < 0 ? name : name.substring(0, colon)).strip();
        String right = IoProfileOptions.PREFIX.substring(0, IoProfileOptions.PREFIX.length() - 1);
        boolean near =
                showable(head) && EditDistance.nearest(head, List.of(right)).isPresent();
        if (!near || name.startsWith(IoProfileOptions.PREFIX)) {
            return false;
        }
        String rest = colon < 0 ? "" : name.substring(colon + 1).strip();
        problems.add(new Problem(
                Problem.Severity.WARNING,
                file,
                section.line(),
                "",
                "the section [" + head + (rest.isEmpty() ? "" : showable(rest) ? ":" + rest : ":…")
                        + "] is read by nobody",
                "did you mean [" + IoProfileOptions.PREFIX + (showable(rest) ? rest : "NAME") + "]?"));
        return true;
    }

    private void section(String file, OsloIniReader.Section section) {
        String name = OsloConfiguration.normal(section.name());
        if (profile(file, section, name)) {
            return;
        }
        if (schema.groups().contains(schemaGroup(name)) || known.sections().contains(name) || !showable(name)) {
            return;
        }
        if (name.equals("default")) {
            problems.add(new Problem(
                    Problem.Severity.WARNING,
                    file,
                    section.line(),
                    "",
                    "the section [" + section.name() + "] is another one than [DEFAULT]",
                    "write [DEFAULT]"));
            return;
        }
        Set<String> candidates = new HashSet<>(schema.groups());
        candidates.addAll(known.sections());
        EditDistance.nearest(name, candidates)
                .filter(meant -> schema.groups().contains(meant))
                .ifPresent(meant -> problems.add(new Problem(
                        Problem.Severity.WARNING,
                        file,
                        section.line(),
                        "",
                        "the section [" + section.name() + "] is read by nobody",
                        "did you mean [" + meant + "]?")));
    }
}
