package org.novabridge.driver.storage;

import java.io.IOException;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Turns what the world said into a code: a full disk lets Nova try another host, a defect does not. */
public final class StorageFailures {
    /** What to do about a device that does not read or write. */
    public static final String BROKEN_DEVICE =
            "a device below it fails: the kernel's log says which (dmesg), nova-bridge vg check what that does to a"
                    + " volume group; replace it, or mend its path, then start the bridge anew";

    private static final String NO_ROOM = "No space left on device";
    private static final String BROKEN = "Input/output error";
    private static final String NO_QUOTA = "Disk quota exceeded";

    private StorageFailures() {}

    public static BridgeException of(String doing, CommandFailedException e) {
        String text = doing + ": " + e.getMessage();
        return switch (e.reason()) {
            case CANCELLED -> new BridgeException(ErrorCode.CANCELLED, doing + ": cancelled", null, e);
            case INTERRUPTED -> new BridgeException(ErrorCode.INTERRUPTED, doing + ": interrupted", null, e);
            case NOT_STARTED -> new BridgeException(ErrorCode.STORAGE_FAILED, text, "Install the missing program.", e);
            default -> said(text, e.result().stderr() + e.result().stdout(), e);
        };
    }

    public static BridgeException of(String doing, IOException e) {
        String text = doing + ": " + e.getMessage();
        return said(text, String.valueOf(e.getMessage()), e);
    }

    private static BridgeException said(String text, String said, Exception e) {
        if (full(said)) {
            return new BridgeException(ErrorCode.STORAGE_FULL, text, "Make room, or use another host.", e);
        }
        return new BridgeException(ErrorCode.STORAGE_FAILED, text, said.contains(BROKEN) ? BROKEN_DEVICE : null, e);
    }

    private static boolean full(String text) {
        return text.contains(NO_ROOM) || text.contains(NO_QUOTA);
    }

    /** Throws CANCELLED when the caller does not want the work any more. */
    public static void checkCancelled(Progress progress, String doing) {
        if (progress.cancelled()) {
            throw new BridgeException(ErrorCode.CANCELLED, doing + ": cancelled");
        }
    }
}
