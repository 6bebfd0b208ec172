package org.novabridge.conf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The syntax of oslo.config files, as its {@code iniparser.py} reads them (releases 9 and 10): no types, no
 * substitution. Where oslo.config stops at the first fault, this reader notes it and goes on with the next line, so
 * that all faults are seen at once. Faults quote no content, because a line may be part of a password.
 */
final class OsloIniReader {

    /** What a file held. {@code sections} has every section written, also those without a key. */
    record Result(List<IniEntry> entries, List<Section> sections, List<Key> undeclared) {}

    /** The head of a section. */
    record Section(String name, int line) {}

    /** An assignment whose value was not kept. */
    record Key(String section, String key, int line) {}

    private final String file;
    private final BiPredicate<String, String> keep;
    private final Problems.Collector problems;

    private final List<IniEntry> entries = new ArrayList<>();
    private final List<Section> sections = new ArrayList<>();
    private final List<Key> undeclared = new ArrayList<>();

    /** The section we are in: none before the first head, unknown after a broken one. */
    private @Nullable String section;

    private boolean sectionBroken;
    private @Nullable String key;
    private int keyLine;
    private final List<String> value = new ArrayList<>();
    private boolean continuationExplained;

    /**
     * @param file the name for origins
     * @param keep section and key whose value may be kept; of all others only the names are
     */
    OsloIniReader(String file, BiPredicate<String, String> keep, Problems.Collector problems) {
        this.file = file;
        this.keep = keep;
        this.problems = problems;
    }

    Result read(Reader reader) throws IOException {
        BufferedReader lines = new BufferedReader(reader);
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.indexOf('\0') >= 0) {
                fault(number, "holds a NUL character: this is no text file", "write it anew in an editor");
                break;
            }
            line(number, PythonText.stripEnd(line));
        }
        flush();
        return new Result(entries, sections, undeclared);
    }

    private void line(int number, String line) {
        if (line.isEmpty()) {
            flush();
        } else if (line.charAt(0) == ' ' || line.charAt(0) == '\t') {
            continuation(number, line);
        } else {
            flush();
            continuationExplained = false;
            if (line.charAt(0) == '[') {
                head(number, line);
            } else if (line.charAt(0) != '#' && line.charAt(0) != ';') {
                assignment(number, line);
            }
        }
    }

    private void continuation(int number, String line) {
        if (key != null) {
            value.add(PythonText.stripStart(line));
        } else if (!continuationExplained) {
            fault(
                    number,
                    "starts with a blank, which continues the value of the line above, but there is none",
                    "remove the blanks at the beginning of the line");
            continuationExplained = true;
        }
    }

    private void head(int number, String line) {
        sectionBroken = true;
        if (!line.endsWith("]")) {
            fault(number, "opens a section without a ] at its end", "write [name] alone on the line");
        } else if (line.length() == 2) {
            fault(number, "is a section without a name", "write [name]");
        } else {
            sectionBroken = false;
            section = line.substring(1, line.length() - 1);
            sections.add(new Section(section, number));
        }
    }

    private void assignment(int number, String line) {
        int colon = line.indexOf(':');
        int equal = line.indexOf('=');
        if (colon < 0 && equal < 0) {
            fault(number, "has neither = nor :", "write key = value, or # before a comment");
            continuationExplained = true;
            return;
        }
        int at = colon < 0 || (equal >= 0 && equal < colon) ? equal : colon;
        String name = PythonText.strip(line.substring(0, at));
        if (name.isEmpty()) {
            fault(number, "has no key before the " + line.charAt(at), "write key = value");
            continuationExplained = true;
            return;
        }
        key = name;
        keyLine = number;
        value.add(unquoted(PythonText.strip(line.substring(at + 1))));
    }

    private static String unquoted(String text) {
        if (text.isEmpty()) {
            return text;
        }
        char first = text.charAt(0);
        if ((first == '"' || first == '\'') && text.charAt(text.length() - 1) == first) {
            return text.length() == 1 ? "" : text.substring(1, text.length() - 1);
        }
        return text;
    }

    private void flush() {
        String name = key;
        if (name == null) {
            return;
        }
        String joined = String.join("\n", value);
        key = null;
        value.clear();
        if (sectionBroken) {
            return;
        }
        String in = section;
        if (in == null) {
            fault(
                    keyLine,
                    "sets " + (UnknownNames.showable(name) ? name : "something") + " before any section",
                    "put [DEFAULT] or another section above it");
        } else if (keep.test(in, name)) {
            entries.add(new IniEntry(in, name, joined, new Origin.FileLine(file, keyLine)));
        } else {
            undeclared.add(new Key(in, name, keyLine));
        }
    }

    private void fault(int line, String sentence, String hint) {
        problems.add(new Problem(Problem.Severity.ERROR, file, line, "", "the line " + sentence, hint));
    }
}
