package org.novabridge.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class OsloIniReaderPropertyTest {

    /** What is written comes back the same: values with quotes, dollars, separators, lines. */
    @Property(tries = 300)
    void writtenAndReadBack(@ForAll("trees") Map<String, Map<String, List<String>>> tree) throws IOException {
        Problems.Collector problems = new Problems.Collector();
        OsloConfiguration first = new OsloConfiguration("first", (section, key) -> true, problems);
        StringBuilder text = new StringBuilder();
        tree.forEach((section, keys) -> {
            text.append('[').append(section).append("]\n");
            keys.forEach((key, values) -> values.forEach(value -> text.append(key)
                    .append(" = \"")
                    .append(value.replace("\n", "\"\n "))
                    .append(value.contains("\n") ? "\n" : "\"\n")));
        });
        first.read(new StringReader(text.toString()));
        StringWriter written = new StringWriter();
        first.write(written);
        OsloConfiguration second = new OsloConfiguration("second", (section, key) -> true, problems);
        second.read(new StringReader(written.toString()));
        assertThat(problems.done().all()).isEmpty();
        tree.forEach((section, keys) -> keys.forEach((key, values) -> {
            assertThat(values(second, section, key)).isEqualTo(values(first, section, key));
            if (values.stream().noneMatch(value -> value.contains("\n"))) {
                assertThat(values(second, section, key)).isEqualTo(values);
            }
        }));
    }

    private static List<String> values(OsloConfiguration tree, String section, String key) {
        return tree.entries(OsloConfiguration.normal(section), key).stream()
                .map(IniEntry::value)
                .toList();
    }

    @Provide
    Arbitrary<Map<String, Map<String, List<String>>>> trees() {
        Arbitrary<String> value = Arbitraries.strings()
                .withChars("ab \"'$=:#;,\\[]{}%ü世\n")
                .ofMaxLength(12)
                .map(OsloIniReaderPropertyTest::lines);
        Arbitrary<String> name = Arbitraries.strings()
                .withChars("abc._-")
                .ofMinLength(1)
                .ofMaxLength(6)
                .map(text -> "k" + text);
        Arbitrary<Map<String, List<String>>> keys =
                Arbitraries.maps(name, value.list().ofMinSize(1).ofMaxSize(3)).ofMaxSize(4);
        return Arbitraries.maps(Arbitraries.of("DEFAULT", "libvirt", "io_profile:x", "a.b"), keys)
                .ofMaxSize(3);
    }

    /** Lines after the first can neither begin nor end with a blank, nor be empty. */
    private static String lines(String text) {
        List<String> lines = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (lines.isEmpty()) {
                lines.add(line);
            } else if (!PythonText.strip(line).isEmpty()) {
                lines.add(PythonText.strip(line));
            }
        }
        return String.join("\n", lines);
    }

    /** Whatever stands in a file ends in values and problems, never in an exception. */
    @Property(tries = 1000)
    void anyTextIsRead(@ForAll String text) throws IOException {
        read(text);
    }

    /** The same with text that looks like a configuration. */
    @Property(tries = 1000)
    void anyTextOfTheAlphabetIsRead(@ForAll("nearly") String text) throws IOException {
        read(text);
    }

    @Provide
    Arbitrary<String> nearly() {
        return Arbitraries.of(
                        "[DEFAULT]",
                        "[libvirt]",
                        "[",
                        "]",
                        "=",
                        ":",
                        "\n",
                        "\r\n",
                        " ",
                        "\t",
                        "#",
                        "\"",
                        "'",
                        "$",
                        "${",
                        "}",
                        "$$",
                        "\\$",
                        ",",
                        "state_path",
                        "instances_path",
                        "$state_path",
                        "images_type",
                        "lvm",
                        "volume_clear_size",
                        "disk_cachemodes",
                        "file=none",
                        "-1",
                        "99999999999",
                        "virt_mkfs",
                        "\u0000",
                        "[io_profile:a]",
                        "cache",
                        "iotune",
                        "reserved_huge_pages",
                        "vnc_enabled")
                .list()
                .ofMaxSize(30)
                .map(parts -> String.join("", parts));
    }

    private static void read(String text) throws IOException {
        Problems.Collector problems = new Problems.Collector();
        OsloConfiguration tree = new OsloConfiguration("any", (section, key) -> true, problems);
        tree.read(new StringReader(text));
        ValueResolution values =
                new ValueResolution(OptionRegistry.schema(), List.of(tree), new LinkedHashMap<>(), problems);
        for (Option<?> option : OptionRegistry.all()) {
            values.resolve(option);
        }
        assertThat(problems.done().all())
                .allSatisfy(problem -> assertThat(problem.oneLine()).doesNotContain("\n"));
    }
}
