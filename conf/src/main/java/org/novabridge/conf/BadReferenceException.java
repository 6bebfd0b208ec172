package org.novabridge.conf;

/** A {@code $name} in a value that cannot be replaced; the message says which and why, and quotes no value. */
final class BadReferenceException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    BadReferenceException(String message) {
        super(message);
        this.reason = message;
    }

    String reason() {
        return reason;
    }
}
