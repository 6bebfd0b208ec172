package org.novabridge.driver.storage;

import java.io.IOException;
import org.novabridge.driver.exec.CommandFailedException;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Turns what the world said into a code: a full disk lets Nova try another host, a defect does not. */
public final class StorageFailures {
    private static final String NO_ROOM = "No space left on device";
    private static final String NO_QUOTA = "Disk quota exceeded";

    private StorageFailures() {}

    public static BridgeException of(String doing, CommandFailedException e) {
        String text = doing + ": " + e.getMessage();
        return switch (e.reason()) {
            case CANCELLED -> new BridgeException(ErrorCode.CANCELLED, doing + ": cancelled", null, e);
            case INTERRUPTED -> new BridgeException(ErrorCode.INTERRUPTED, doing + ": interrupted", null, e);
            case NOT_STARTED -> new BridgeException(ErrorCode.STORAGE_FAILED, text, "Install the missing program.", e);
            default ->
                full(e.result().stderr() + e.result().stdout())
                        ? new BridgeException(ErrorCode.STORAGE_FULL, text, "Make room, or use another host.", e)
                        : new BridgeException(ErrorCode.STORAGE_FAILED, text, null, e);
        };
    }

    public static BridgeException of(String doing, IOException e) {
        String text = doing + ": " + e.getMessage();
        return full(String.valueOf(e.getMessage()))
                ? new BridgeException(ErrorCode.STORAGE_FULL, text, "Make room, or use another host.", e)
                : new BridgeException(ErrorCode.STORAGE_FAILED, text, null, e);
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
