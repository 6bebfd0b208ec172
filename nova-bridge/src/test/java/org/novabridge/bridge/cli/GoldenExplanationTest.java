package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * What {@code disks explain} says of a guest with every kind of disk, word by word: these words are what operators
 * decide by. {@code -Dgolden.update=true} writes the files anew; read the difference before it is committed.
 */
class GoldenExplanationTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden/explain");

    @ParameterizedTest
    @CsvSource({"explain,table,explain.txt", "explain,json,explain.json", "render,table,domain.xml"})
    void everyWordIsAsTracked(String verb, String format, String file) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = NovaBridge.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int exit = line.execute(
                "disks",
                verb,
                "--no-probe",
                "--output",
                format,
                "--config-file",
                FOLDER.resolve("nova-compute.conf").toString(),
                "--host-facts",
                FOLDER.resolve("facts.json").toString(),
                "--instance",
                FOLDER.resolve("spec.json").toString());
        assertThat(exit).as(err.toString()).isZero();
        assertThat(err.toString()).isEmpty();
        String said = out.toString()
                .replaceAll("(<(?:nova:)?creationTime>)[^<]*", "$1(now)")
                .lines()
                .map(String::stripTrailing)
                .reduce("", (all, one) -> all + one + "\n");
        Path golden = FOLDER.resolve(file);
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(golden, said);
        }
        assertThat(said).isEqualTo(Files.readString(golden));
    }
}
