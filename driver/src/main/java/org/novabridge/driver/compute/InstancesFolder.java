package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.FileOwner;

/** {@code [DEFAULT]instances_path} itself. */
final class InstancesFolder {
    private InstancesFolder() {}

    /**
     * Nova makes it when it makes the first guest; the checks of the host want to look at it before.
     *
     * @throws BridgeException INVALID_CONFIGURATION when it cannot be used
     */
    static void make(ConfigSnapshot today) {
        Path folder = Path.of(today.get(DefaultOptions.INSTANCES_PATH));
        String option = DefaultOptions.INSTANCES_PATH.display() + " " + folder;
        if (!folder.isAbsolute()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION, option + " is not absolute", "write the whole path, from / on");
        }
        try {
            FileOwner.ofThisHost().makeFolder(folder);
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    option + " cannot be made: " + why(e),
                    "make the folder, or name another one",
                    e);
        }
        if (!Files.isWritable(folder)) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    option + " cannot be written to by this user",
                    "check its permissions and that its file system is not mounted read-only");
        }
    }

    /** The JDK's messages for some causes are the name of the file alone. */
    private static String why(IOException e) {
        if (e instanceof FileAlreadyExistsException) {
            return "something that is no folder has its name";
        }
        if (e instanceof AccessDeniedException) {
            return "this user may not write to its parent";
        }
        if (e instanceof NoSuchFileException) {
            return "its parent takes no folders";
        }
        return String.valueOf(e.getMessage());
    }
}
