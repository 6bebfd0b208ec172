package org.novabridge.driver.exec;

/** A command did not do what it should: it carries the masked argv, the exit status and both outputs. */
public final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Reason {
        /** It ended with a status that is no success. */
        EXIT,
        /** Its deadline ended it. */
        DEADLINE,
        /** Neither output nor I/O for too long. */
        IDLE,
        /** The caller did not want it any more. */
        CANCELLED,
        /** The thread that waited for it was interrupted. */
        INTERRUPTED,
        /** The program is missing or could not be started; it did nothing. */
        NOT_STARTED
    }

    private final transient CommandResult result;
    private final Reason reason;

    public CommandFailedException(String message, CommandResult result, Reason reason) {
        super(message);
        this.result = result;
        this.reason = reason;
    }

    public CommandResult result() {
        return result;
    }

    public Reason reason() {
        return reason;
    }

    /** True when a deadline ended it. */
    public boolean timedOut() {
        return reason == Reason.DEADLINE || reason == Reason.IDLE;
    }

    /** True when its error output has the phrase; tools run in the C locale. */
    public boolean said(String phrase) {
        return result.stderr().contains(phrase);
    }
}
