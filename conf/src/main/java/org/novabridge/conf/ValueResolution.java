package org.novabridge.conf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the value of each option over all layers, as oslo.config does: the environment beats the files; the last file
 * that has the option under any of its names decides; inside one file the current name beats the older ones, and the
 * last assignment of a name the ones before. Options that may be written several times collect over all files.
 */
final class ValueResolution {
    /** How descriptions of types begin that read well behind "write". */
    private static final List<String> WITHOUT_ARTICLE =
            List.of("one of", "text", "pairs", "list of", "processors", "two ", "a ", "an ");

    private final OptionSchema schema;
    private final List<OsloConfiguration> files;
    private final Map<String, String> environment;
    private final Problems.Collector problems;
    private final Map<Option<?>, Resolved<?>> resolved = new HashMap<>();
    /** Options being resolved, to see a circle. */
    private final Set<Option<?>> chain = new LinkedHashSet<>();
    /** Options whose value is bad; a reference to one is not reported again. */
    private final Set<Option<?>> bad = new LinkedHashSet<>();

    ValueResolution(
            OptionSchema schema,
            List<OsloConfiguration> files,
            Map<String, String> environment,
            Problems.Collector problems) {
        this.schema = schema;
        this.files = files;
        this.environment = environment;
        this.problems = problems;
    }

    /** What an operator wrote for an option, not yet converted. */
    private record Written(List<String> texts, Origin origin) {}

    /** The value; on a fault the problem is noted and the default stands in. */
    @SuppressWarnings("unchecked") // put below under the same option
    <T> Resolved<T> resolve(Option<T> option) {
        Resolved<?> known = resolved.get(option);
        if (known == null) {
            known = compute(option, option.group());
            resolved.put(option, known);
        }
        return (Resolved<T>) known;
    }

    /** The value of an option declared once for many sections of the same kind. */
    <T> Resolved<T> resolveIn(Option<T> option, String section) {
        return compute(option, section);
    }

    /** True when the option was written, but its value is none. */
    boolean isBad(Option<?> option) {
        return bad.contains(option);
    }

    private <T> Resolved<T> compute(Option<T> option, String section) {
        chain.add(option);
        try {
            Optional<Written> written = fromEnvironment(option, section).or(() -> fromFiles(option, section));
            if (written.isPresent()) {
                Origin origin = written.get().origin();
                try {
                    return new Resolved<>(convert(option, written.get().texts()), origin);
                } catch (BadValueException e) {
                    bad.add(option);
                    problems.add(
                            Problem.Severity.ERROR,
                            origin,
                            display(option, section),
                            sentence(option, e),
                            hint(option, e));
                } catch (BadReferenceException e) {
                    bad.add(option);
                    problems.add(
                            Problem.Severity.ERROR,
                            origin,
                            display(option, section),
                            e.reason(),
                            "write $$ for a dollar itself");
                }
            }
            return new Resolved<>(defaultOf(option), new Origin.Default());
        } finally {
            chain.remove(option);
        }
    }

    private static String display(Option<?> option, String section) {
        return "[" + section + "]" + option.name();
    }

    private static String sentence(Option<?> option, BadValueException e) {
        return option.secret() ? e.reason() : "= " + Quoted.value(e.text()) + " " + e.reason();
    }

    private static String hint(Option<?> option, BadValueException e) {
        return EditDistance.nearest(e.text().strip(), option.type().choices())
                .map(choice -> "did you mean " + choice + "?")
                .orElse("write " + article(option.type().describe()));
    }

    private static String article(String type) {
        return WITHOUT_ARTICLE.stream().anyMatch(type::startsWith)
                ? type
                : (type.startsWith("integer") || type.startsWith("IP") ? "an " : "a ") + type;
    }

    private <T> @Nullable T defaultOf(Option<T> option) {
        T value = option.defaultValue();
        if (value == null) {
            return null;
        }
        String text = option.type().format(value);
        if (!References.mayOccurIn(text)) {
            return value;
        }
        try {
            return option.type().parse(substitute(option, text));
        } catch (BadReferenceException | BadValueException e) {
            // What it refers to is bad itself and has been reported, or runs in a circle through this very option.
            bad.add(option);
            return value;
        }
    }

    @SuppressWarnings("unchecked") // a Multi belongs to an Option<List<String>>
    private <T> @Nullable T convert(Option<T> option, List<String> texts)
            throws BadValueException, BadReferenceException {
        if (option.type() instanceof OptionType.Multi multi) {
            List<String> values = new ArrayList<>();
            for (String text : texts) {
                values.addAll(multi.parse(substitute(option, text)));
            }
            return (T) List.copyOf(values);
        }
        return option.type().parse(substitute(option, texts.get(texts.size() - 1)));
    }

    private String substitute(Option<?> option, String text) throws BadReferenceException {
        return References.replace(text, name -> {
            Option<?> target = schema.refer(option, name);
            if (chain.contains(target)) {
                List<String> circle = chain.stream().map(Option::display).collect(Collectors.toList());
                circle = circle.subList(circle.indexOf(target.display()), circle.size());
                throw new BadReferenceException(
                        "runs in a circle: " + String.join(" -> ", circle) + " -> " + target.display());
            }
            Resolved<?> value = resolve(target);
            if (bad.contains(target)) {
                throw new BadReferenceException("refers to " + target.display() + ", whose value is bad");
            }
            return PythonText.str(value.value());
        });
    }

    private Optional<Written> fromEnvironment(Option<?> option, String section) {
        String variable =
                "OS_" + section.toUpperCase(Locale.ROOT) + "__" + option.name().toUpperCase(Locale.ROOT);
        String text = environment.get(variable);
        if (text == null) {
            return Optional.empty();
        }
        Origin origin = new Origin.Environment(variable);
        if (option.type() instanceof OptionType.Multi) {
            bad.add(option);
            problems.add(
                    Problem.Severity.ERROR,
                    origin,
                    display(option, section),
                    "cannot be given by the environment: oslo.config would take each character as a value of its own",
                    "write it in a file");
            return Optional.empty();
        }
        return Optional.of(new Written(List.of(text), origin));
    }

    /** Of an option that is written once, oslo.config takes the last in silence. */
    private void writtenAgain(String display, List<IniEntry> inFile) {
        for (int i = 0; i < inFile.size() - 1; i++) {
            problems.add(
                    Problem.Severity.WARNING,
                    inFile.get(i).origin(),
                    display,
                    "is written again ("
                            + inFile.get(inFile.size() - 1).origin().describe() + "), and the last one counts",
                    "keep one of them");
        }
    }

    private Optional<Written> fromFiles(Option<?> option, String section) {
        boolean multi = option.type() instanceof OptionType.Multi;
        List<IniEntry> collected = new ArrayList<>();
        for (int i = files.size() - 1; i >= 0; i--) {
            OsloConfiguration file = files.get(i);
            List<IniEntry> inFile = new ArrayList<>(file.entries(OsloConfiguration.normal(section), option.name()));
            if (!multi) {
                writtenAgain(display(option, section), inFile);
            }
            for (Option.OldName old : option.oldNames()) {
                if (!inFile.isEmpty() && !multi) {
                    break;
                }
                List<IniEntry> found = file.entries(OsloConfiguration.normal(old.group()), old.name());
                found.forEach(entry -> problems.add(
                        Problem.Severity.WARNING,
                        entry.origin(),
                        "[" + old.group() + "]" + old.name(),
                        "is the old name of " + option.display(),
                        "write it in [" + section + "] as " + option.name()));
                inFile.addAll(0, found);
            }
            collected.addAll(0, inFile);
            if (!multi && !collected.isEmpty()) {
                break;
            }
        }
        if (collected.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Written(
                collected.stream().map(IniEntry::value).toList(),
                collected.get(collected.size() - 1).origin()));
    }
}
