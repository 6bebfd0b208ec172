package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class NovaBridgeTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(CommandLine line, String... args) {
        return line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }

    @Test
    void helpTeachesCommandsAndExitCodes() {
        assertThat(run(NovaBridge.commandLine(), "--help")).isZero();
        assertThat(out.toString())
                .contains("nova-bridge config check", "Exit codes:", "3   refused by a rule", "--output=FORMAT");
    }

    @Test
    void versionIsOneLine() {
        assertThat(run(NovaBridge.commandLine(), "--version")).isZero();
        assertThat(out.toString()).startsWith("nova-bridge ").hasLineCount(1);
    }

    @Test
    void noCommandIsWrongUsage() {
        assertThat(run(NovaBridge.commandLine())).isEqualTo(2);
        assertThat(err.toString()).contains("which command?", "remedy: see \"nova-bridge --help\"");
    }

    @Test
    void unknownOptionIsWrongUsage() {
        assertThat(run(NovaBridge.commandLine(), "--colour")).isEqualTo(2);
        assertThat(err.toString()).contains("--colour");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void refusalsEndWithTheExitCodeOfTheirErrorCode(ErrorCode code) {
        CommandLine line = NovaBridge.commandLine().addSubcommand(new Failing(new BridgeException(code, "no", "do x")));
        line.setExecutionExceptionHandler(new Failures());
        assertThat(run(line, "fail")).isEqualTo(code.exitCode());
        assertThat(err.toString()).isEqualToNormalizingNewlines("nova-bridge: no\n  remedy: do x\n");
    }

    @Test
    void whatAFailureQuotesStaysTextOnATerminal() {
        CommandLine line = NovaBridge.commandLine()
                .addSubcommand(new Failing(new BridgeException(
                        ErrorCode.UNSUPPORTED_HARDWARE, "hw_disk_bus=\u001b[2J is none\nof these", "\u009bm")));
        line.setExecutionExceptionHandler(new Failures());
        assertThat(run(line, "fail")).isEqualTo(ErrorCode.UNSUPPORTED_HARDWARE.exitCode());
        assertThat(err.toString())
                .isEqualToNormalizingNewlines("nova-bridge: hw_disk_bus=?[2J is none\nof these\n  remedy: ?m\n");
    }

    @Test
    void debugShowsTheStack() {
        CommandLine line = NovaBridge.commandLine().addSubcommand(new Failing(new IllegalStateException("odd")));
        line.setExecutionExceptionHandler(new Failures());
        assertThat(run(line, "--debug", "fail")).isEqualTo(1);
        assertThat(err.toString()).contains("nova-bridge: IllegalStateException: odd", "at org.novabridge");
    }

    @Test
    void tablesAlignAndKeepControlCharactersOffTheTerminal() {
        PrintWriter writer = new PrintWriter(out);
        new Table("NAME", "STATE")
                .row("a\u001b[2J", "on")
                .row("longer name", null)
                .print(writer);
        assertThat(out.toString())
                .isEqualToNormalizingNewlines("NAME         STATE\na?[2J        on\nlonger name  -\n");
    }

    @Command(name = "fail")
    private static final class Failing implements Runnable {
        private final RuntimeException failure;

        Failing(RuntimeException failure) {
            this.failure = failure;
        }

        @Override
        public void run() {
            throw failure;
        }
    }
}
