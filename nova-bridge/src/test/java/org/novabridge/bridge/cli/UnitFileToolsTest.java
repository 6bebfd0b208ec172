package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit file of the service: systemd takes every line, and the program takes its command line. */
@Tag("tools")
class UnitFileToolsTest {
    private static final Path UNIT = Path.of("../etc/nova-bridge.service");
    private static final String PROGRAM = "/usr/bin/nova-bridge";

    @TempDir
    Path folder;

    @Test
    void systemdHasNothingToSayAboutIt() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "systemd-analyze is not installed (systemd)");
        assertThat(verify(unit())).isEmpty();
        // The check sees what it is for.
        assertThat(verify(unit().replace("ProtectClock=yes", "ProtectClock=perhaps")))
                .contains("Failed to parse boolean value");
    }

    @Test
    void theProgramTakesItsCommandLine() throws IOException {
        String line = Files.readAllLines(UNIT).stream()
                .filter(each -> each.startsWith("ExecStart="))
                .findFirst()
                .orElseThrow();
        assertThat(line).startsWith("ExecStart=" + PROGRAM + " serve ");
        assertThatCode(() -> NovaBridge.commandLine()
                        .parseArgs(line.substring(("ExecStart=" + PROGRAM + " ").length())
                                .split(" ", -1)))
                .doesNotThrowAnyException();
    }

    /** The program is not installed here; that it is missing is the one thing not asked. */
    private static String unit() throws IOException {
        return Files.readString(UNIT).replace("ExecStart=" + PROGRAM + " ", "ExecStart=/bin/true ");
    }

    private String verify(String unit) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("nova-bridge.service"), unit);
        Process analyze = new ProcessBuilder("systemd-analyze", "verify", "--man=no", file.toString())
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(analyze.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exit = analyze.waitFor();
            // Other units of the host come into it, by what they want to be before or after.
            String ours = said.lines()
                    .filter(line -> !line.matches("(?!nova-bridge)[\\w@.\\\\-]+\\.[a-z]+: .*"))
                    .collect(Collectors.joining("\n"));
            return exit == 0 ? ours : ours + "exit " + exit;
        } finally {
            analyze.destroyForcibly();
        }
    }
}
