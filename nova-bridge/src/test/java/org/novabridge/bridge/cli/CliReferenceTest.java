package org.novabridge.bridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** {@code docs/reference/cli.md} is the help of the commands; {@code -Dgolden.update=true} writes it anew. */
class CliReferenceTest {
    private static final Path REFERENCE = Path.of("docs/reference/cli.md");

    @Test
    @Tag("tools")
    void theReferenceIsTheHelp() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Command line

                Generated from the help of the commands; do not edit. `tools/nova-bridge` in a checkout, `nova-bridge`
                when installed. Write it anew with `mvn -o test -pl nova-bridge -am -Dtest=CliReferenceTest
                -Dsurefire.failIfNoSpecifiedTests=false -Dgolden.update=true`.
                """);
        add(page, NovaBridge.commandLine(), 2);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(REFERENCE.getParent());
            Files.writeString(REFERENCE, page);
        }
        assertThat(Files.readString(REFERENCE)).isEqualTo(page.toString());
    }

    private static void add(StringBuilder page, CommandLine command, int level) {
        page.append('\n')
                .append("#".repeat(Math.min(level, 4)))
                .append(" `")
                .append(command.getCommandSpec().qualifiedName())
                .append("`\n\n```\n")
                .append(command.getUsageMessage(Ansi.OFF).stripTrailing())
                .append("\n```\n");
        for (CommandLine sub : new LinkedHashSet<>(command.getSubcommands().values())) {
            add(page, sub, level + 1);
        }
    }

    @Test
    void everyCommandSaysWhatItDoes() {
        List.copyOf(NovaBridge.commandLine().getSubcommands().values()).forEach(CliReferenceTest::saysWhatItDoes);
    }

    private static void saysWhatItDoes(CommandLine command) {
        CommandLine.Model.UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        assertThat(usage.header().length + usage.description().length)
                .as(command.getCommandSpec().qualifiedName())
                .isPositive();
        command.getSubcommands().values().forEach(CliReferenceTest::saysWhatItDoes);
    }
}
