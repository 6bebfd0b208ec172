package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class CommandTreeTest {
    @Test
    void onlyWhatTheWordsNameIsMade() {
        CommandLine line = NovaBridge.commandLine("disks", "render", "--format", "json");
        assertThat(line.getSubcommands()).containsOnlyKeys("disks");
        assertThat(below(line, "disks")).containsOnlyKeys("render");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--output", "diks", "", "@words"})
    void whateverElseComesFirstGetsAllCommands(String first) {
        assertThat(NovaBridge.commandLine(first, "disks").getSubcommands()).hasSizeGreaterThan(10);
    }

    @Test
    void aCommandWithoutItsOwnGetsAllOfThem() {
        assertThat(below(NovaBridge.commandLine("instance", "--help"), "instance"))
                .hasSizeGreaterThan(20);
    }

    @ParameterizedTest
    @MethodSource
    void theWholeTreeSaysNothingElse(List<String> words) {
        String[] typed = words.toArray(String[]::new);
        assertThat(said(NovaBridge.commandLine(typed), typed)).isEqualTo(said(NovaBridge.commandLine(), typed));
    }

    static Stream<List<String>> theWholeTreeSaysNothingElse() {
        return Stream.of(
                List.of(),
                List.of("--help"),
                List.of("disks"),
                List.of("disks", "--help"),
                List.of("disks", "rendr"),
                List.of("disks", "render"),
                List.of("disks", "render", "--help"),
                List.of("disks", "render", "--instanc", "x"),
                List.of("disks", "render", "explain"),
                List.of("disks", "disks"),
                List.of("instanc", "list"),
                List.of("instance", "list", "--sokcet", "x"),
                List.of("instance", "reboot", "--help"),
                List.of("drift", "apply", "--help"),
                List.of("drift", "--help"),
                List.of("--output", "json", "config", "--help"),
                List.of("--output", "config", "check"),
                List.of("config", "check", "--output", "xml"),
                List.of("serve", "serve"));
    }

    /** Commands that picocli would find by itself would all be made at every start. */
    @Test
    void noCommandListsOthersInPicoclisOwnWay() {
        assertThat(types(NovaBridge.commandLine()))
                .hasSizeGreaterThan(60)
                .allSatisfy(type -> assertThat(type.getAnnotation(Command.class).subcommands())
                        .isEmpty());
    }

    private static Map<String, CommandLine> below(CommandLine line, String command) {
        return Objects.requireNonNull(line.getSubcommands().get(command)).getSubcommands();
    }

    private static List<Class<?>> types(CommandLine line) {
        return Stream.concat(
                        Stream.<Class<?>>of(line.getCommandSpec().userObject().getClass()),
                        line.getSubcommands().values().stream().flatMap(child -> types(child).stream()))
                .toList();
    }

    private static String said(CommandLine line, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit =
                line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(words);
        return exit + "\n" + out + err;
    }
}
