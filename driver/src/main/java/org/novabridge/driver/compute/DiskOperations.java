package org.novabridge.driver.compute;

import java.util.function.IntSupplier;
import org.novabridge.driver.exec.Command;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.exec.LimitedExecutor;
import org.novabridge.driver.exec.Tool;

/**
 * What {@code [compute]max_concurrent_disk_ops} counts: the copying of whole images. Nova counts the
 * download, the conversion and the upload (nova/virt/images.py 26.2.2, {@code disk_ops_semaphore});
 * the download's part here is the copy out of the exchange folder.
 */
final class DiskOperations {
    private DiskOperations() {}

    /** @param most today's limit; 0 for none */
    static CommandExecutor limited(CommandExecutor executor, IntSupplier most) {
        return new LimitedExecutor(executor, DiskOperations::counted, most, () -> sayWaiting(most.getAsInt()));
    }

    private static boolean counted(Command command) {
        return command.program().equals(Tool.CP.program())
                || (command.program().equals(Tool.QEMU_IMG.program())
                        && command.arguments().stream()
                                .findFirst()
                                .filter("convert"::equals)
                                .isPresent());
    }

    private static void sayWaiting(int most) {
        RunningOperation operation = RunningOperation.current();
        if (operation != null) {
            operation.report("wait for one of " + most + " disk operations to end (max_concurrent_disk_ops)", -1);
        }
    }
}
