package org.novabridge.driver.exec;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.novabridge.driver.exec.CommandFailedException.Reason;

/**
 * For unit tests: records every command and answers by the first rule that matches, or with an empty
 * success. Golden tests compare {@link #lines()}.
 */
public final class RecordingExecutor implements CommandExecutor {
    private record Rule(Predicate<Command> matches, Answer answer) {}

    /** What a command does in the test. */
    public interface Answer {
        CommandResult answer(Command command);
    }

    private final List<Command> commands = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();

    @Override
    public synchronized CommandResult run(Command command) {
        commands.add(command);
        for (Rule rule : rules) {
            if (rule.matches().test(command)) {
                return rule.answer().answer(command);
            }
        }
        return result(command, 0, "", "");
    }

    /** Answers commands whose line starts with the text. */
    public RecordingExecutor on(String lineStart, Answer answer) {
        rules.add(new Rule(command -> command.toString().startsWith(lineStart), answer));
        return this;
    }

    public RecordingExecutor printing(String lineStart, String stdout) {
        return on(lineStart, command -> result(command, 0, stdout, ""));
    }

    public RecordingExecutor failing(String lineStart, int exit, String stderr) {
        return on(lineStart, command -> {
            CommandResult result = result(command, exit, "", stderr);
            if (command.successCodes().contains(exit)) {
                return result;
            }
            throw new CommandFailedException(
                    command.program() + " failed with exit " + exit + ": " + stderr, result, Reason.EXIT);
        });
    }

    /** Does something to the world (makes the file that the real program would make). */
    public RecordingExecutor doing(String lineStart, Consumer<Command> effect) {
        return on(lineStart, command -> {
            effect.accept(command);
            return result(command, 0, "", "");
        });
    }

    public synchronized List<Command> commands() {
        return List.copyOf(commands);
    }

    /** The commands as lines. */
    public synchronized List<String> lines() {
        return commands.stream().map(Command::toString).toList();
    }

    public synchronized void clear() {
        commands.clear();
    }

    /** What the command would have been given on standard input by its {@link StdinSource}. */
    public static byte[] input(Command command) throws IOException {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        Objects.requireNonNull(command.stdinSource()).writeTo(to);
        return to.toByteArray();
    }

    /** Whether a program that runs would be ended now. */
    public static boolean cancelled(Command command) {
        return command.cancelled().getAsBoolean();
    }

    public static CommandResult result(Command command, int exit, String stdout, String stderr) {
        return new CommandResult(command.argv(), exit, stdout, stderr, false, Duration.ofMillis(1));
    }
}
