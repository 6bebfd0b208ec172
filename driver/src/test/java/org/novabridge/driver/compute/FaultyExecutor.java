package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.exec.CommandResult;
import org.novabridge.driver.exec.Effect;

/** Counts commands while armed and lets one of them go wrong; it alone, so that taking back may work. */
final class FaultyExecutor implements CommandExecutor {
    private @Nullable CommandExecutor real;
    private final List<Command> seen = new ArrayList<>();
    private Fault fault = Fault.REFUSES;
    private int at;
    private boolean armed;

    /** How a command goes wrong. */
    enum Fault {
        /** It says no and has done nothing. */
        REFUSES,
        /** A signal ended it after it had done its work, which nobody was told. */
        DIES,
        /** It says that all is well, and something nobody can read. */
        BABBLES;

        /** What a program only says means nothing when it changes things, and what it does when it only looks. */
        boolean suits(Command command) {
            return this == REFUSES || (this == DIES) == (command.effect() == Effect.WRITES);
        }
    }

    /** Gives itself, in front of the other one. */
    FaultyExecutor before(CommandExecutor next) {
        real = next;
        return this;
    }

    /** @param place of the command that goes wrong, from 1; 0 for none */
    synchronized void arm(int place, Fault how) {
        seen.clear();
        at = place;
        fault = how;
        armed = true;
    }

    /** The commands since it was armed. */
    synchronized List<Command> disarm() {
        armed = false;
        return List.copyOf(seen);
    }

    private synchronized boolean goesWrong(Command command) {
        if (!armed) {
            return false;
        }
        seen.add(command);
        return seen.size() == at && fault.suits(command);
    }

    @Override
    public CommandResult run(Command command) {
        CommandExecutor next = Objects.requireNonNull(real, "before() comes first");
        if (!goesWrong(command)) {
            return next.run(command);
        }
        return switch (fault) {
            case REFUSES -> throw failed(command, 5, "  Device or resource busy");
            case DIES -> {
                next.run(command);
                throw failed(command, 137, "");
            }
            case BABBLES -> {
                CommandResult truth = next.run(command);
                yield new CommandResult(truth.argv(), 0, "{\"report\": [}\u0000\u001b[2J", "", false, truth.duration());
            }
        };
    }

    private static CommandFailedException failed(Command command, int exit, String stderr) {
        CommandResult result = new CommandResult(command.argv(), exit, "", stderr, false, Duration.ofMillis(1));
        return new CommandFailedException(
                command.program() + " failed with exit " + exit, result, CommandFailedException.Reason.EXIT);
    }
}
