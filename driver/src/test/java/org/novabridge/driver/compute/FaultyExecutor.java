package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
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
    private String name = "";
    private boolean armed;
    private boolean wasTo;
    private boolean came;
    private Runnable meanwhile = () -> {};

    /** How a command goes wrong. */
    enum Fault {
        /** It says no and has done nothing. */
        REFUSES,
        /** A signal ended it after it had done its work, which nobody was told. */
        DIES,
        /** It says that all is well, and something nobody can read. */
        BABBLES,
        /** Its process stands still past its deadline; one that must finish, in the lock of the volume group, and then goes on. */
        HANGS,
        /** A signal ends its process in the middle of its work. */
        KILLED;

        /**
         * What a program only says means nothing when it changes things, and what it does when it only looks. Nobody kills
         * what must finish.
         */
        boolean suits(Command command) {
            return switch (this) {
                case REFUSES, HANGS -> true;
                case DIES -> command.effect() == Effect.WRITES;
                case BABBLES -> command.effect() != Effect.WRITES;
                case KILLED -> command.effect() != Effect.MUST_FINISH;
            };
        }
    }

    /** How long a command may take that hangs; its alarm comes again as often. */
    private static final Duration DEADLINE = Duration.ofSeconds(2);

    /** How long one that must finish stands still. */
    private static final Duration STILL = Duration.ofSeconds(5);

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
        wasTo = false;
        came = false;
    }

    /** The first command of that name goes wrong; the caller does something else while it does. */
    synchronized void arm(String program, Fault how, Runnable doMeanwhile) {
        arm(0, how);
        name = program;
        meanwhile = doMeanwhile;
    }

    /** A process was over before its signal came: nothing has gone wrong. */
    synchronized boolean missed() {
        return wasTo && !came;
    }

    /** The commands since it was armed. */
    synchronized List<Command> disarm() {
        armed = false;
        name = "";
        meanwhile = () -> {};
        return List.copyOf(seen);
    }

    private synchronized boolean goesWrong(Command command) {
        if (!armed) {
            return false;
        }
        seen.add(command);
        boolean itsTurn = seen.size() == at || !wasTo && command.program().equals(name);
        wasTo |= itsTurn && fault.suits(command);
        return itsTurn && fault.suits(command);
    }

    @Override
    public CommandResult run(Command command) {
        CommandExecutor next = Objects.requireNonNull(real, "before() comes first");
        if (!goesWrong(command)) {
            return next.run(command);
        }
        return switch (fault) {
            case REFUSES -> {
                hasCome();
                throw failed(command, 5, "  Device or resource busy");
            }
            case HANGS -> signalled(command, next, this::hang);
            case KILLED -> signalled(command, next, this::kill);
            case DIES -> {
                hasCome();
                next.run(command);
                throw failed(command, 137, "");
            }
            case BABBLES -> {
                hasCome();
                CommandResult truth = next.run(command);
                yield new CommandResult(truth.argv(), 0, "{\"report\": [}\u0000\u001b[2J", "", false, truth.duration());
            }
        };
    }

    private synchronized void hasCome() {
        came = true;
    }

    /** The real command, and somebody beside it who meets its process. */
    private static CommandResult signalled(
            Command command, CommandExecutor next, BiConsumer<Command, ChildAtWork> how) {
        AtomicBoolean over = new AtomicBoolean();
        Thread signaller = new Thread(() -> how.accept(command, new ChildAtWork(command, over::get)), "signaller");
        signaller.start();
        try {
            return next.run(command.withDeadline(DEADLINE));
        } finally {
            over.set(true);
            awaitEnd(signaller);
        }
    }

    private void hang(Command command, ChildAtWork child) {
        boolean mustFinish = command.effect() == Effect.MUST_FINISH;
        if (mustFinish && command.program().matches("(lv|vg)[a-z]+") ? child.stopInLock() : child.stop()) {
            hasCome();
            meanwhile.run();
            if (mustFinish) {
                pause(STILL);
                child.goOn();
            }
        }
    }

    private void kill(Command command, ChildAtWork child) {
        if (child.kill()) {
            hasCome();
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitEnd(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static CommandFailedException failed(Command command, int exit, String stderr) {
        CommandResult result = new CommandResult(command.argv(), exit, "", stderr, false, Duration.ofMillis(1));
        return new CommandFailedException(
                command.program() + " failed with exit " + exit, result, CommandFailedException.Reason.EXIT);
    }
}
