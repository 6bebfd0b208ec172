package org.novabridge.driver.storage.lvm;

import java.util.function.BooleanSupplier;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;

/**
 * A step of {@code vg init}, which can be taken back.
 *
 * @param text what is done, for operators
 * @param undoText what takes it back, for operators
 * @param happened whether there is something to take back; asked when it, or a later step, has failed
 */
record BootstrapStep(String text, Runnable work, String undoText, Runnable undo, BooleanSupplier happened) {

    /** @param failure what to say when the command fails */
    static BootstrapStep of(
            CommandExecutor executor, Command command, String failure, Command undo, BooleanSupplier happened) {
        return new BootstrapStep(
                command.toString(),
                () -> run(executor, command, failure),
                undo.toString(),
                () -> run(executor, undo, "cannot take back: " + command),
                happened);
    }

    private static void run(CommandExecutor executor, Command command, String failure) {
        try {
            executor.run(command);
        } catch (CommandFailedException e) {
            throw LvmFailures.of(e, failure);
        }
    }
}
