package org.novabridge.driver.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise 1, measured: our documents against those of Debian's python3-nova, for the same inputs. */
@Tag("nova")
class NovaParityTest {
    private static final int AT_LEAST = 300;

    @TempDir
    Path folder;

    @Test
    void everyDocumentEqualsNovas() throws Exception {
        Path script = script();
        Path cases = folder.resolve("cases.json");
        Path answers = folder.resolve("answers.json");
        run(script, "cases", cases.toString());
        run(script, "expect", cases.toString(), answers.toString());

        Comparison comparison = new Comparison(folder, schema());
        List<ParityCase> all = ParityCase.load(Files.readAllBytes(answers));
        comparison.run(all);

        System.out.println(comparison.summary());
        assertThat(all).hasSizeGreaterThanOrEqualTo(AT_LEAST);
        assertThat(comparison.unexplained()).isEmpty();
        assertThat(comparison.invalid()).isEmpty();
        // Nova writes what flavor and Cinder say, and so do we; libvirt is the one to refuse it.
        assertThat(comparison.novasInvalid()).isSubsetOf("quota-disk-contradiction", "volume-hostile-serial");
    }

    private static Optional<DomainSchema> schema() throws Exception {
        if (!DomainSchema.installed()) {
            System.out.println("parity: documents not validated, " + DomainSchema.FILE + " is not installed");
            return Optional.empty();
        }
        return Optional.of(new DomainSchema());
    }

    private static Path script() {
        Path here = Path.of("").toAbsolutePath();
        for (Path up = here; up != null; up = up.getParent()) {
            if (Files.isRegularFile(up.resolve("tools/nova-parity.py"))) {
                return up.resolve("tools/nova-parity.py");
            }
        }
        throw new AssertionError("tools/nova-parity.py is not above " + here);
    }

    private void run(Path script, String... arguments) throws Exception {
        Path log = folder.resolve("nova-parity.log");
        ProcessBuilder builder = new ProcessBuilder("/usr/bin/python3", "-W", "ignore", script.toString());
        builder.command().addAll(List.of(arguments));
        builder.directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
        assertThat(process.waitFor()).as(() -> tail(log)).isZero();
    }

    private static String tail(Path log) {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (java.io.IOException e) {
            return "no log: " + e;
        }
    }
}
