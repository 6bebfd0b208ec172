package org.novabridge.bridge.cli;

import java.nio.charset.StandardCharsets;

/**
 * Text of a guest for a terminal. As it is, its escape sequences would do there what a guest likes: retitle the window, hide
 * and overwrite lines, make the terminal type.
 */
final class GuestText {
    /** What a control character is shown as, one of ASCII: ESC is ^[. */
    private static final int CARET = 0x40;

    private GuestText() {}

    /**
     * The text with its control characters shown: ^[ for ESC as cat -v has it, \\u009b for those beyond ASCII and for what
     * turns the direction of lines. Line feeds, tabs and a carriage return before a line feed stay.
     *
     * @param text in UTF-8; what is none becomes U+FFFD
     */
    static String harmless(byte[] text) {
        String read = new String(text, StandardCharsets.UTF_8);
        StringBuilder shown = new StringBuilder(read.length());
        for (int at = 0; at < read.length(); ) {
            int c = read.codePointAt(at);
            at += Character.charCount(c);
            if (c == '\n' || c == '\t' || (c == '\r' && at < read.length() && read.charAt(at) == '\n')) {
                shown.append((char) c);
            } else if (c < ' ' || c == 0x7f) {
                shown.append('^').append((char) (c ^ CARET));
            } else if (acts(c)) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.appendCodePoint(c);
            }
        }
        return shown.toString();
    }

    private static boolean acts(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
