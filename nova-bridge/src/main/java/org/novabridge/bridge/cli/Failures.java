package org.novabridge.bridge.cli;

import java.io.PrintWriter;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What the command line prints when a command fails, and the exit code it ends with: 1 failed,
 * 2 wrong usage, 3 refused by a rule (design 4.1).
 */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int REFUSED = 3;

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        NovaBridge root = (NovaBridge) command.getCommandSpec().root().userObject();
        int exit = FAILED;
        if (failure instanceof BridgeException refused) {
            err.println("nova-bridge: " + printable(refused.getMessage()));
            if (refused.remedy() != null) {
                err.println("  remedy: " + printable(refused.remedy()));
            }
            exit = refused.code().exitCode();
        } else if (failure instanceof CommandFailure own) {
            err.println("nova-bridge: " + printable(own.getMessage()));
            err.println("  remedy: " + printable(own.remedy()));
            exit = own.exitCode();
        } else {
            String text = failure.getMessage();
            err.println("nova-bridge: " + failure.getClass().getSimpleName()
                    + (text == null ? "" : ": " + printable(text)));
            if (!root.debug) {
                err.println("  remedy: this looks like a defect of nova-bridge; repeat with --debug for its stack");
            }
        }
        if (root.debug) {
            failure.printStackTrace(err);
        }
        err.flush();
        return exit;
    }

    @Override
    public int handleParseException(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("nova-bridge: " + printable(failure.getMessage()));
        UnmatchedArgumentException.printSuggestions(failure, err);
        err.println("  remedy: see \"" + command.getCommandSpec().qualifiedName() + " --help\"");
        err.flush();
        return USAGE;
    }

    /** Failures quote what guests, images and tenants have said: on a terminal it stays text. */
    private static String printable(@Nullable String text) {
        return String.valueOf(text).lines().map(Table::printable).collect(Collectors.joining("\n"));
    }
}
