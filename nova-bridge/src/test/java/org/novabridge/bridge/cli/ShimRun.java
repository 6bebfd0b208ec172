package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/** One run of {@code shim/tests/run.py} on Debian's Python and Nova, and how each of its tests ended. */
record ShimRun(List<Outcome> outcomes, Path log) {
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    /** How {@code run.py} ends when it came to its end and some tests failed. */
    private static final int SOME_FAILED = 3;

    /**
     * How one test ended.
     *
     * @param result passed, failed, skipped or not-implemented
     * @param what why, in one line; empty when there is nothing to say
     */
    record Outcome(String result, String name, String what) {}

    /**
     * Runs them all to the end.
     *
     * @param folder where the log goes
     */
    static ShimRun of(Path folder, String... arguments) throws IOException, InterruptedException {
        Path log = folder.resolve("shim.log");
        Path lines = folder.resolve("shim.lines");
        List<String> command = new ArrayList<>(List.of(
                PYTHON.toString(),
                "-W",
                "ignore",
                Path.of("shim/tests/run.py").toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        Process run = new ProcessBuilder(command)
                .redirectError(log.toFile())
                .redirectOutput(lines.toFile())
                .start();
        if (!run.waitFor(10, TimeUnit.MINUTES)) {
            run.destroyForcibly();
        }
        int exit = run.waitFor();
        List<Outcome> outcomes = Files.readAllLines(lines).stream()
                .map(line -> line.split("\t", -1))
                .map(parts -> new Outcome(parts[0], parts[1], parts[2]))
                .toList();
        assertThat(outcomes).as(() -> tail(log)).isNotEmpty();
        boolean failed = outcomes.stream().anyMatch(one -> one.result().equals("failed"));
        assertThat(exit).as(() -> tail(log)).isEqualTo(failed ? SOME_FAILED : 0);
        return new ShimRun(outcomes, log);
    }

    List<Outcome> ended(String result) {
        return outcomes.stream().filter(one -> one.result().equals(result)).toList();
    }

    /** A test here for each there; what is skipped or not implemented is skipped here, with its reason. */
    List<DynamicTest> tests() {
        String text = tail(log);
        return outcomes.stream()
                .map(one -> DynamicTest.dynamicTest(one.name(), () -> {
                    switch (one.result()) {
                        case "passed" -> {}
                        case "failed" -> fail(one.what() + "\n" + text);
                        default -> Assumptions.abort(one.result() + " " + one.what());
                    }
                }))
                .toList();
    }

    private static String tail(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 80), lines.size()));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }
}
