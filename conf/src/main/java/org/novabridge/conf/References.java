package org.novabridge.conf;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code $name}, <code>${name}</code>, {@code $group.name} inside values, as oslo.config's template replaces them: {@code $$}
 * and {@code \$} give one dollar, a dollar before anything else stays.
 */
final class References {
    private static final Pattern REFERENCE = Pattern.compile(
            "\\$(?:(?<escaped>\\$)|(?<named>[_a-z][._a-z0-9]*)|\\{(?<braced>[_a-z][._a-z0-9]*)\\})",
            Pattern.CASE_INSENSITIVE);

    /** Gives the text for the name after a dollar. */
    interface Lookup {
        String text(String name) throws BadReferenceException;
    }

    private References() {}

    static boolean mayOccurIn(String text) {
        return text.indexOf('$') >= 0;
    }

    static String replace(String text, Lookup lookup) throws BadReferenceException {
        if (!mayOccurIn(text)) {
            return text;
        }
        Matcher matcher = REFERENCE.matcher(text.replace("\\$", "$$"));
        StringBuilder result = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group("named") != null ? matcher.group("named") : matcher.group("braced");
            String replacement = name == null ? "$" : lookup.text(name);
            matcher.appendReplacement(result, Matcher.quoteReplacement(replacement));
        }
        matcher.appendTail(result);
        return result.toString();
    }
}
