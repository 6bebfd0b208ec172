package org.novabridge.conf;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Our reading against the real oslo.config: {@code expected.json} of each case was written by the library itself
 * ({@code tools/oslo-corpus.py}, Debian's python3-oslo.config 9.0).
 */
class OsloCorpusTest {
    private static final Path CORPUS = Path.of("src/test/resources/oslo");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where we differ on purpose. */
    private static final Map<String, String> EXPLAINED = Map.of(
            "substitution-by-an-old-name",
            "oslo.config finds the option by its old name, but then looks for its value in [DEFAULT] and gives the default",
            "key-before-a-section",
            "both refuse; oslo.config names the line after the faulty one, where it noticed",
            "nul",
            "a NUL is no text; oslo.config would hand it on to programs that cannot take it");

    private static final OptionSection DEFAULT = new OptionSection("DEFAULT", "");
    private static final OptionSection GROUP = new OptionSection("group", "");
    private static final OptionSection OTHER = new OptionSection("other", "");

    /** The schema of tools/oslo-corpus.py. */
    private static final OptionSchema SCHEMA = schema();

    private static OptionSchema schema() {
        DEFAULT.text("s").active("");
        DEFAULT.text("t", "tee").active("");
        DEFAULT.text("base", "/srv").active("");
        DEFAULT.text("derived", "$base/sub").active("");
        new Option.Builder<>(DEFAULT, "i", new OptionType.Int(null, null, List.of()), null).active("");
        DEFAULT.integer("ranged", 5, 0, 10).active("");
        DEFAULT.numberOrNone("f", 0).active("");
        DEFAULT.bool("b", true).active("");
        DEFAULT.listOrNone("l").active("");
        new Option.Builder<>(DEFAULT, "named", new OptionType.Items(OptionType.Text.oneOf(List.of("a,b", "c"))), null)
                .active("");
        DEFAULT.multi("m").active("");
        DEFAULT.dict("d").active("");
        DEFAULT.choiceOrNone("choice", "one", "two", "").active("");
        new Option.Builder<>(DEFAULT, "port", new OptionType.Int(0, 65535, List.of()), null).active("");
        DEFAULT.integerOneOf("size", 256, 512).active("");
        new Option.Builder<>(DEFAULT, "shape", OptionType.Text.matching("^\\d+:\\d+$", "n:n"), null).active("");

        new Option.Builder<>(DEFAULT, "address", new OptionType.Host(false), null).active("");
        DEFAULT.hostNameOrNone("domain").active("");

        GROUP.text("s").active("");
        GROUP.text("only").active("");
        GROUP.text("own", "$s-$t").active("");
        // oslo.config puts deprecated_name behind deprecated_opts
        GROUP.text("renamed", "dflt").oldName("past", "oldest").oldName("older").active("");
        GROUP.multi("many").oldName("many_old").active("");
        GROUP.list("l", "x", "y").active("");
        GROUP.integer("moved", 1).oldName("DEFAULT", "moved").active("");
        GROUP.bool("b", false).active("");
        OTHER.text("s").active("");
        return new OptionSchema(List.of(DEFAULT, GROUP, OTHER));
    }

    @Test
    void readsWhatOsloReads() throws IOException {
        List<String> differences = new ArrayList<>();
        int cases = 0;
        int explained = 0;
        for (Path folder : folders()) {
            cases++;
            JsonNode expected = JSON.readTree(Files.readString(folder.resolve("expected.json")));
            List<String> found = compare(folder, expected);
            String name = folder.getFileName().toString().substring(4);
            if (EXPLAINED.containsKey(name)) {
                explained++;
                assertThat(found).as("%s is listed as different", name).isNotEmpty();
            } else {
                differences.addAll(found);
            }
        }
        System.out.printf("oslo.config corpus: %d cases, %d of them explained differences%n", cases, explained);
        assertThat(differences).isEmpty();
        assertThat(cases).isGreaterThanOrEqualTo(60);
    }

    @Test
    @Tag("nova")
    void committedExpectationsAreWhatTheLibraryGivesToday() throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("/usr/bin/python3", "../tools/oslo-corpus.py", "--check", CORPUS.toString());
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        File output = Files.createTempFile("oslo", ".json").toFile();
        builder.redirectOutput(output);
        Process process = builder.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        JsonNode today = JSON.readTree(output);
        Files.delete(output.toPath());
        assertThat(today.size()).isEqualTo(folders().size());
        for (Path folder : folders()) {
            assertThat(today.get(folder.getFileName().toString()))
                    .as(folder.toString())
                    .isEqualTo(JSON.readTree(Files.readString(folder.resolve("expected.json"))));
        }
    }

    private static List<Path> folders() throws IOException {
        try (Stream<Path> list = Files.list(CORPUS)) {
            return list.filter(Files::isDirectory).sorted().toList();
        }
    }

    private static List<String> compare(Path folder, JsonNode expected) throws IOException {
        Problems.Collector problems = new Problems.Collector();
        List<OsloConfiguration> files = new ConfigFileReader((section, key) -> true, problems).read(places(folder));
        List<Problem> refused = problems.done().errors();
        List<String> differences = new ArrayList<>();
        if (expected.has("refused") || !refused.isEmpty()) {
            int line = expected.path("refused").asInt(-1);
            if (line < 0 || refused.isEmpty() || (line > 0 && refused.get(0).line() != line)) {
                differences.add(folder.getFileName() + ": oslo " + line + ", we " + refused);
            }
            return differences;
        }
        ValueResolution values = new ValueResolution(SCHEMA, files, environment(folder), problems);
        for (Option<?> option : SCHEMA.options()) {
            String name = option.group().equals("DEFAULT") ? option.name() : option.group() + "." + option.name();
            Object value = values.resolve(option).value();
            JsonNode ours = values.isBad(option) ? JSON.createObjectNode().put("error", true) : JSON.valueToTree(value);
            if (!ours.equals(expected.get(name))) {
                differences.add(folder.getFileName() + ": " + name + ": oslo " + expected.get(name) + ", we " + ours);
            }
        }
        return differences;
    }

    private static List<ConfigSource.Place> places(Path folder) throws IOException {
        List<ConfigSource.Place> places = new ArrayList<>();
        Path args = folder.resolve("args");
        if (Files.exists(args)) {
            List<String> words = Files.readAllLines(args);
            for (int i = 0; i + 1 < words.size(); i += 2) {
                Path path = folder.resolve(words.get(i + 1).replace("@", ""));
                places.add(
                        words.get(i).equals("--config-dir")
                                ? new ConfigSource.Place.Dir(path)
                                : new ConfigSource.Place.File(path));
            }
            return places;
        }
        try (Stream<Path> list = Files.list(folder)) {
            list.filter(path -> path.toString().endsWith(".conf"))
                    .sorted()
                    .forEach(path -> places.add(new ConfigSource.Place.File(path)));
        }
        return places;
    }

    private static Map<String, String> environment(Path folder) throws IOException {
        Map<String, String> environment = new LinkedHashMap<>();
        Path file = folder.resolve("env");
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                int equal = line.indexOf('=');
                environment.put(line.substring(0, equal), line.substring(equal + 1));
            }
        }
        return environment;
    }
}
