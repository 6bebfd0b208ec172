package org.novabridge.conf;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong, or worth knowing, in a configuration.
 *
 * @param file the file, or null when it is about no file
 * @param line counted from 1; 0 when it is about the file as a whole
 * @param option as {@code [libvirt]disk_cachemodes}; empty when it is about none
 * @param sentence what is the matter; never holds the value of an option that is not declared or is secret
 * @param hint what to do; empty when the sentence says it
 */
public record Problem(Severity severity, @Nullable String file, int line, String option, String sentence, String hint) {

    /** How grave it is. */
    public enum Severity {
        /** The service does not start with it. */
        ERROR,
        /** The configuration works, but not as it looks. */
        WARNING,
        /** Good to know. */
        NOTE
    }

    static final Comparator<Problem> BY_PLACE = Comparator.<Problem, String>comparing(
                    problem -> problem.file() == null ? "" : problem.file())
            .thenComparing(Problem::line)
            .thenComparing(Problem::severity)
            .thenComparing(Problem::option)
            .thenComparing(Problem::sentence);

    static Problem at(Severity severity, Origin origin, String option, String sentence, String hint) {
        if (origin instanceof Origin.FileLine place) {
            return new Problem(severity, place.file(), place.line(), option, sentence, hint);
        }
        String where = origin instanceof Origin.Default ? "" : " (" + origin.describe() + ")";
        return new Problem(severity, null, 0, option, sentence + where, hint);
    }

    /** {@code /etc/nova/nova.conf:14}, the file alone, or empty. */
    public String place() {
        if (file == null) {
            return "";
        }
        return line > 0 ? file + ":" + line : file;
    }

    /** All in one line, for a log or an error. */
    public String oneLine() {
        StringBuilder text = new StringBuilder();
        if (!place().isEmpty()) {
            text.append(place()).append(": ");
        }
        if (!option.isEmpty()) {
            text.append(option).append(' ');
        }
        text.append(sentence);
        if (!hint.isEmpty()) {
            text.append("; ").append(hint);
        }
        return text.toString();
    }
}
