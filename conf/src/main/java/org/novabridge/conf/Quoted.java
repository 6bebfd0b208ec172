package org.novabridge.conf;

import java.util.regex.Pattern;

/**
 * What of a refused value may stand in a message. A line that was indented by mistake becomes part of the value above
 * it, whatever it holds, so only a short first line is shown.
 */
final class Quoted {
    private static final int LONGEST = 60;
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.:, -]{0,40}");

    private Quoted() {}

    /** The first line of a value, in quotes. */
    static String value(String text) {
        int newline = text.indexOf('\n');
        String line = (newline < 0 ? text : text.substring(0, newline)).replaceAll("\\p{Cntrl}", "?");
        String shown = line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line;
        long more = text.chars().filter(c -> c == '\n').count();
        String rest = more == 0
                ? ""
                : more == 1 ? " and an indented line after it" : " and " + more + " indented lines after it";
        return "'" + shown + "'" + rest;
    }

    /** One word of a list, in quotes; something that is no word is not shown. */
    static String word(String text) {
        return WORD.matcher(text).matches() ? "'" + text + "'" : "'…' (no plain word)";
    }
}
