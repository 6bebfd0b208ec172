package org.novabridge.driver.exec;

/** A command did not do what it should: it carries the masked argv, the exit status and both outputs. */
public final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient CommandResult result;
    private final boolean timedOut;

    public CommandFailedException(String message, CommandResult result, boolean timedOut) {
        super(message);
        this.result = result;
        this.timedOut = timedOut;
    }

    public CommandResult result() {
        return result;
    }

    /** True when the deadline ended it. */
    public boolean timedOut() {
        return timedOut;
    }
}
