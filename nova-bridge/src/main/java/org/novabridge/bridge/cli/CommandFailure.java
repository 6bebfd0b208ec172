package org.novabridge.bridge.cli;

import org.jspecify.annotations.Nullable;

/** A command cannot do its work for a reason that is the command line's own: no bridge, no such file. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final String remedy;

    private CommandFailure(int exitCode, String message, String remedy, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
        this.remedy = remedy;
    }

    /** Ends with exit code 1. */
    static CommandFailure failed(String message, String remedy, @Nullable Throwable cause) {
        return new CommandFailure(Failures.FAILED, message, remedy, cause);
    }

    /** Ends with exit code 2. */
    static CommandFailure usage(String message, String remedy, @Nullable Throwable cause) {
        return new CommandFailure(Failures.USAGE, message, remedy, cause);
    }

    /** Ends with exit code 3. */
    static CommandFailure refused(String message, String remedy) {
        return new CommandFailure(Failures.REFUSED, message, remedy, null);
    }

    int exitCode() {
        return exitCode;
    }

    String remedy() {
        return remedy;
    }
}
