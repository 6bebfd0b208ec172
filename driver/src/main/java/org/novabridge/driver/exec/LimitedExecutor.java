package org.novabridge.driver.exec;

import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.novabridge.driver.exec.CommandFailedException.Reason;

/**
 * Lets only so many of certain commands run at the same time; the others run as they come. Those that
 * wait hold no process and may be cancelled; their deadlines begin when they do. Safe for use by many threads.
 */
public final class LimitedExecutor implements CommandExecutor {
    private static final long LOOK_MILLIS = 200;

    private final CommandExecutor next;
    private final Predicate<Command> counted;
    private final IntSupplier most;
    private final Runnable waiting;
    private int running;

    /**
     * @param counted which commands the limit is for
     * @param most how many of them may run, asked for at each; 0 for no limit
     * @param waiting called on the thread of a command that has to wait, before it does
     */
    public LimitedExecutor(CommandExecutor next, Predicate<Command> counted, IntSupplier most, Runnable waiting) {
        this.next = next;
        this.counted = counted;
        this.most = most;
        this.waiting = waiting;
    }

    @Override
    public CommandResult run(Command command) {
        return run(command, next);
    }

    @Override
    public CommandExecutor ofThisThread() {
        CommandExecutor mine = next.ofThisThread();
        return command -> run(command, mine);
    }

    private CommandResult run(Command command, CommandExecutor by) {
        if (!counted.test(command)) {
            return by.run(command);
        }
        enter(command);
        try {
            return by.run(command);
        } finally {
            leave();
        }
    }

    private void enter(Command command) {
        if (entered()) {
            return;
        }
        waiting.run();
        while (!entered()) {
            if (command.cancelled().getAsBoolean()) {
                throw notRun(command, "was cancelled", Reason.CANCELLED);
            }
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw notRun(command, "was interrupted", Reason.INTERRUPTED);
            }
        }
    }

    private synchronized boolean entered() {
        int limit = most.getAsInt();
        if (limit > 0 && running >= limit) {
            return false;
        }
        running++;
        return true;
    }

    private synchronized void leave() {
        running--;
    }

    private static CommandFailedException notRun(Command command, String how, Reason reason) {
        CommandResult nothing = new CommandResult(command.argv(), -1, "", "", false, Duration.ZERO);
        return new CommandFailedException(
                command.program() + " " + how + " while it waited for its turn", nothing, reason);
    }
}
