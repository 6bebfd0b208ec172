package org.novabridge.driver.storage;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.model.BridgeException;

/** A confined program that writes to one file or device, which is lent to its user for the time of the run. */
final class LentTarget {
    private LentTarget() {}

    /**
     * @param doing what the error says was being done
     * @throws BridgeException STORAGE_FULL, STORAGE_FAILED …
     */
    static void run(
            CommandExecutor executor, Command command, Path target, @Nullable Integer privateUid, String doing) {
        try (FileOwner.Loan loan = FileOwner.lend(target, privateUid, true)) {
            executor.run(command);
        } catch (CommandFailedException e) {
            throw StorageFailures.of(doing, e);
        } catch (IOException e) {
            throw StorageFailures.of(doing, e);
        }
    }
}
