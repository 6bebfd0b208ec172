package org.novabridge.conf;

/**
 * A text that is no value of its option's type. The message says what is wrong and never quotes the
 * text, because the option may be a secret; whoever knows that it is none may ask for {@link #text()}.
 */
public final class BadValueException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final String text;

    BadValueException(String reason, String text) {
        super(reason);
        this.reason = reason;
        this.text = text;
    }

    /** What is wrong, to be put after the option's name: {@code is less than 0}. */
    public String reason() {
        return reason;
    }

    /** The text that was refused. */
    public String text() {
        return text;
    }
}
