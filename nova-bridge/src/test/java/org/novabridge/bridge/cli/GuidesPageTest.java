package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/guides.md}: each piece of advice has its row, and each test that a row names is there. */
class GuidesPageTest {
    private static final Path HOUSE = Path.of("..");
    private static final Path PAGE = Path.of("docs/reference/guides.md");
    private static final Path TABLES = HOUSE.resolve("driver/src/test/resources");

    /** The guides were read piece by piece; a row that goes is advice that nobody answers any more. */
    private static final int ADVICE = 62;

    private static final Pattern NAMED = Pattern.compile("`([^`]+)`");

    private static List<String[]> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.matches("\\| \\d+ \\|.*"))
                .map(line -> line.split("\\|"))
                .toList();
    }

    private static Map<String, String> tests() throws IOException {
        try (Stream<Path> files = Stream.of("conf", "driver", "nova-bridge")
                .map(module -> HOUSE.resolve(module).resolve("src/test/java"))
                .flatMap(GuidesPageTest::walk)) {
            return files.filter(file -> file.toString().endsWith("Test.java"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""),
                            GuidesPageTest::text,
                            (one, other) -> one + other));
        }
    }

    private static Stream<Path> walk(Path folder) {
        try {
            return Files.walk(folder);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void eachPieceOfAdviceHasARowWithAnAnswerAndATest() throws IOException {
        List<String[]> rows = rows();
        assertThat(rows.stream().map(row -> row[1].strip()))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, ADVICE)
                        .mapToObj(Integer::toString)
                        .toList());
        for (String[] row : rows) {
            assertThat(row).as(String.join("|", row)).hasSize(6);
            assertThat(row[4]).as("the answer to %s", row[2]).isNotBlank();
            assertThat(row[5].strip().equals("prose") || NAMED.matcher(row[5]).find())
                    .as("the test of %s", row[2])
                    .isTrue();
        }
    }

    @Test
    void eachTestThatIsNamedIsThere() throws IOException {
        Map<String, String> tests = tests();
        List<String> missing = new ArrayList<>();
        for (String[] row : rows()) {
            Matcher named = NAMED.matcher(row[5]);
            while (named.find()) {
                missing(named.group(1), tests).ifPresent(fault -> missing.add(row[1].strip() + ": " + fault));
            }
        }
        assertThat(missing).isEmpty();
    }

    private static Optional<String> missing(String name, Map<String, String> tests) {
        if (name.endsWith(".csv")) {
            return Files.exists(TABLES.resolve(name)) ? Optional.empty() : Optional.of("no table " + name);
        }
        String[] parts = name.split("\\.", 2);
        String text = tests.get(parts[0]);
        if (text == null) {
            return Optional.of("no class " + parts[0]);
        }
        return parts.length == 1 || text.contains("void " + parts[1] + "(")
                ? Optional.empty()
                : Optional.of("no method " + name);
    }
}
