package org.novabridge.driver.exec;

/** Runs commands. The only door through which the house starts a process. */
public interface CommandExecutor {

    /**
     * Runs a command to its end.
     *
     * @return the result of a command that exited with one of {@link Command#successCodes()}
     * @throws CommandFailedException on any other exit, at a deadline, when cancelled, on a missing
     *     program
     */
    CommandResult run(Command command);

    /**
     * This executor for work of the calling thread that goes on on another one: the observer takes its children for those of the
     * caller.
     */
    default CommandExecutor ofThisThread() {
        return this;
    }
}
