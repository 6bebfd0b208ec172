package org.novabridge.bridge.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.LoadedConfig;
import org.novabridge.conf.OptionReference;
import org.novabridge.conf.OptionRegistry;
import org.novabridge.conf.OptionSample;
import org.novabridge.conf.Problem;
import org.novabridge.conf.Resolved;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code config}: what is wrong in the configuration, what it comes to, and what may be written in it. */
@Command(
        name = "config",
        description = "Check and show the configuration; print the sample file and the option reference.")
@Subcommands({
    ConfigCommand.Check.class,
    ConfigCommand.Show.class,
    ConfigCommand.Sample.class,
    ConfigCommand.Reference.class
})
final class ConfigCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "which of check, show, sample, reference?");
    }

    private static String count(List<Problem> problems, String what) {
        return problems.size() + " " + what + (problems.size() == 1 ? "" : "s");
    }

    /** A command that reads the files. */
    abstract static class OfFiles implements Callable<Integer> {
        @Mixin
        private final ConfigFiles files = new ConfigFiles();

        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public final Integer call() {
            CommandSpec command = Objects.requireNonNull(spec);
            LoadedConfig loaded = files.load(command);
            print(loaded, command);
            return loaded.problems().hasErrors() ? Failures.FAILED : 0;
        }

        abstract void print(LoadedConfig loaded, CommandSpec command);
    }

    @Command(
            name = "check",
            description = "Read the configuration and report all problems at once, sorted by file and line."
                    + " Exit 1 when there is an error.")
    static final class Check extends OfFiles {
        @Override
        void print(LoadedConfig loaded, CommandSpec command) {
            Console console = Console.of(command);
            Table table = new Table("PLACE", "KIND", "PROBLEM");
            for (Problem problem : loaded.problems().all()) {
                table.row(place(problem), kind(problem), text(problem));
            }
            console.show(json(loaded), table);
            console.say(summary(loaded));
        }

        private static @Nullable String place(Problem problem) {
            return problem.place().isEmpty() ? null : problem.place();
        }

        private static String kind(Problem problem) {
            return problem.severity().name().toLowerCase(Locale.ROOT);
        }

        private static String text(Problem problem) {
            return (problem.option().isEmpty() ? "" : problem.option() + " ")
                    + problem.sentence()
                    + (problem.hint().isEmpty() ? "" : "; " + problem.hint());
        }

        private static String summary(LoadedConfig loaded) {
            return count(loaded.problems().errors(), "error") + ", "
                    + count(loaded.problems().warnings(), "warning") + ", "
                    + count(loaded.problems().notes(), "note") + places(loaded);
        }

        /** A file that cannot be read, or is none of text, has its problem and no part in the values. */
        private static String places(LoadedConfig loaded) {
            List<String> unread = loaded.problems().all().stream()
                    .map(Problem::file)
                    .filter(file ->
                            file != null && !file.isEmpty() && !loaded.files().contains(file))
                    .distinct()
                    .toList();
            return (loaded.files().isEmpty() ? "" : " in " + String.join(", ", loaded.files()))
                    + (unread.isEmpty() ? "" : "; not read: " + String.join(", ", unread));
        }

        private static Map<String, Object> json(LoadedConfig loaded) {
            List<Map<String, Object>> problems = new ArrayList<>();
            for (Problem problem : loaded.problems().all()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("severity", kind(problem));
                one.put("file", problem.file());
                one.put("line", problem.line() > 0 ? problem.line() : null);
                one.put("option", problem.option());
                one.put("sentence", problem.sentence());
                one.put("hint", problem.hint());
                problems.add(one);
            }
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("files", loaded.files());
            result.put("errors", loaded.problems().errors().size());
            result.put("warnings", loaded.problems().warnings().size());
            result.put("notes", loaded.problems().notes().size());
            result.put("problems", problems);
            return result;
        }
    }

    @Command(
            name = "show",
            description = "Print the options that are written, each with its value and where it comes from."
                    + " Exit 1 when the configuration has an error.")
    static final class Show extends OfFiles {
        @Option(names = "--all", description = "Print the options that have their default, too.")
        private boolean all;

        @Parameters(
                paramLabel = "SECTION",
                arity = "0..*",
                description = "Only options of these sections, as libvirt or DEFAULT.")
        private List<String> sections = List.of();

        @Override
        void print(LoadedConfig loaded, CommandSpec command) {
            Table table = new Table("OPTION", "VALUE", "ORIGIN");
            List<Map<String, Object>> rows = new ArrayList<>();
            for (org.novabridge.conf.Option<?> option : OptionRegistry.all()) {
                if (!option.group().startsWith("io_profile")
                        && (sections.isEmpty() || sections.contains(option.group()))) {
                    row(table, rows, option.display(), option, loaded.snapshot().resolve(option));
                }
            }
            loaded.snapshot().ioProfiles().forEach((name, profile) -> {
                String group = "io_profile:" + name;
                for (org.novabridge.conf.Option<?> option : OptionRegistry.all()) {
                    if (option.group().startsWith("io_profile") && (sections.isEmpty() || sections.contains(group))) {
                        row(table, rows, "[" + group + "]" + option.name(), option, profile.resolve(option));
                    }
                }
            });
            Console console = Console.of(command);
            console.show(rows, table);
            if (loaded.problems().hasErrors()) {
                command.commandLine()
                        .getErr()
                        .println("nova-bridge: the configuration has "
                                + count(loaded.problems().errors(), "error") + "; the first: "
                                + loaded.problems().errors().get(0).oneLine()
                                + "\n  remedy: see all of them with \"nova-bridge config check\"");
            }
        }

        private void row(
                Table table,
                List<Map<String, Object>> rows,
                String display,
                org.novabridge.conf.Option<?> option,
                Resolved<?> resolved) {
            if (!all && !resolved.written()) {
                return;
            }
            String text = text(option, resolved.value());
            table.row(display, text, resolved.origin().describe());
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("option", display);
            one.put("value", option.secret() ? text : resolved.value());
            one.put("origin", resolved.origin().describe());
            one.put("written", resolved.written());
            rows.add(one);
        }

        @SuppressWarnings("unchecked") // the value was resolved from this option
        private static <T> @Nullable String text(org.novabridge.conf.Option<T> option, @Nullable Object value) {
            if (value == null) {
                return null;
            }
            return option.secret() ? "***" : option.type().format((T) value);
        }
    }

    @Command(name = "sample", description = "Print the annotated sample file: every option, with its help and default.")
    static final class Sample implements Runnable {
        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            print(Objects.requireNonNull(spec), OptionSample.render());
        }
    }

    @Command(
            name = "reference",
            description = "Print the reference page of all options, in Markdown; as data with --output json.")
    static final class Reference implements Runnable {
        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            CommandSpec command = Objects.requireNonNull(spec);
            Console console = Console.of(command);
            if (!console.json()) {
                print(command, OptionReference.render());
                return;
            }
            List<Map<String, Object>> options = new ArrayList<>();
            for (org.novabridge.conf.Option<?> option : OptionRegistry.all()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("section", option.group());
                one.put("name", option.name());
                one.put("type", option.type().describe());
                one.put("choices", option.type().choices());
                one.put("default", option.defaultValue());
                one.put("help", option.help());
                one.put("ours", option.ours());
                one.put("reloadable", option.reloadable());
                one.put(
                        "acted_on_by",
                        option.elsewhere()
                                .map(org.novabridge.conf.Option.Actor::words)
                                .orElse(null));
                one.put("not_acted_on", option.notActedOn().orElse(null));
                options.add(one);
            }
            console.json(options);
        }
    }

    private static void print(CommandSpec spec, String text) {
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
    }
}
