package org.novabridge.driver.policy;

/** Hostile text made fit for a message: short, on one line. */
final class Quoted {
    private static final int MAX = 80;

    private Quoted() {}

    static String text(String value) {
        String shown = value.length() > MAX ? value.substring(0, MAX) + "…" : value;
        StringBuilder out = new StringBuilder();
        shown.codePoints()
                .forEach(c -> out.appendCodePoint(Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? '?' : c));
        return out.toString();
    }
}
