package org.novabridge.bridge.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The commands as picocli's objects. Making them all is half of a short command's life, so where the words of the command
 * line begin with the name of a command, its siblings are left out: nothing that follows can mean them. Every other
 * beginning (none, an option, a word that is no command) gives all of them, for the help and for "did you mean".
 */
final class CommandTree {
    private CommandTree() {}

    /**
     * @param root its class has {@link Subcommands}
     * @param words the command line as it was typed; none give the whole tree
     */
    static CommandLine of(Object root, List<String> words) {
        CommandLine line = new CommandLine(root);
        grow(line, root.getClass(), words);
        return line;
    }

    private static void grow(CommandLine line, Class<?> command, List<String> words) {
        Subcommands below = command.getAnnotation(Subcommands.class);
        if (below == null) {
            return;
        }
        if (!words.isEmpty()) {
            for (Class<?> each : below.value()) {
                if (each.getAnnotation(Command.class).name().equals(words.get(0))) {
                    add(line, each, words.subList(1, words.size()));
                    return;
                }
            }
        }
        for (Class<?> each : below.value()) {
            add(line, each, List.of());
        }
    }

    private static void add(CommandLine line, Class<?> command, List<String> words) {
        CommandLine child = new CommandLine(command);
        grow(child, command, words);
        line.addSubcommand(child);
    }
}
