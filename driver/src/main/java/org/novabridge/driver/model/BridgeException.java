package org.novabridge.driver.model;

import org.jspecify.annotations.Nullable;

/**
 * A failure that has a code, a sentence for the operator and, where there is one, a remedy. Every
 * failure that leaves the driver is of this type; secrets never appear in its texts.
 */
public class BridgeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final @Nullable String remedy;

    public BridgeException(ErrorCode code, String message) {
        this(code, message, null, null);
    }

    public BridgeException(ErrorCode code, String message, @Nullable String remedy) {
        this(code, message, remedy, null);
    }

    public BridgeException(ErrorCode code, String message, @Nullable String remedy, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.remedy = remedy;
    }

    public ErrorCode code() {
        return code;
    }

    /** What the operator can do about it, one sentence; null when nothing is known. */
    public @Nullable String remedy() {
        return remedy;
    }
}
