package org.novabridge.conf;

/** A {@code $name} in a value that cannot be replaced; the message says which and why, and quotes no value. */
final class BadReferenceException extends Exception {
    private static final long serialVersionUID = 1L;

    BadReferenceException(String message) {
        super(message);
    }
}
