package org.novabridge.driver.compute;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.FileOwner;

/**
 * What the bridge, which is root, believes word for word must lie where nobody else can put anything in its
 * place: each folder on the way belongs to root or to the bridge's own user, and others may write to it at most where
 * the sticky bit keeps them from renaming what is not theirs.
 */
final class TrustedPath {
    private static final int OTHERS_WRITE = 0022;
    private static final int STICKY = 01000;

    private TrustedPath() {}

    /**
     * @param folder exists
     * @param what it is for, in words an operator knows
     * @throws BridgeException INVALID_CONFIGURATION naming the folder on the way that somebody else commands
     */
    static void demand(Path folder, String what) {
        try {
            int self = FileOwner.ownUid();
            for (Path each = folder.toRealPath(); each != null; each = each.getParent()) {
                int owner = (int) Files.getAttribute(each, "unix:uid");
                int mode = (int) Files.getAttribute(each, "unix:mode");
                boolean open = (mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0;
                if (open || (owner != 0 && owner != self)) {
                    throw new BridgeException(
                            ErrorCode.INVALID_CONFIGURATION,
                            what + " " + folder + " cannot be trusted: " + each
                                    + (open ? " can be written to by others" : " belongs to user " + owner)
                                    + ", who could put another folder in its place",
                            "take a folder that only root commands, for instance /var/lib/nova-bridge");
                }
            }
        } catch (IOException e) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "cannot look at " + what + " " + folder + ": " + e.getMessage(),
                    "check that the folder is there and can be read",
                    e);
        }
    }
}
