package org.novabridge.driver.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * libvirt's {@code qemu.conf}: keys with a text, a number or a list, and {@code #} comments, as
 * libvirt's own reader takes them (src/util/virconf.c, 9.0). A key that stands twice has its last value.
 */
public final class QemuConf {
    /** One value and where it stands. */
    public record Entry(List<String> values, int line) {
        public Entry {
            values = List.copyOf(values);
        }
    }

    /** A line that libvirt would not read either. */
    public static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1L;

        SyntaxException(int line, String what) {
            super("line " + line + ": " + what);
        }
    }

    private final Map<String, Entry> entries;

    private QemuConf(Map<String, Entry> entries) {
        this.entries = entries;
    }

    /** No file: everything has libvirt's default. */
    public static QemuConf empty() {
        return new QemuConf(Map.of());
    }

    public static QemuConf parse(String text) throws SyntaxException {
        return new QemuConf(new Reader(text).read());
    }

    public Optional<Entry> find(String key) {
        return Optional.ofNullable(entries.get(key));
    }

    /** The text or number of a key; empty when it is not set or a list. */
    public Optional<String> text(String key) {
        return find(key)
                .filter(entry -> entry.values().size() == 1)
                .map(entry -> entry.values().get(0));
    }

    private static final class Reader {
        private final String text;
        private int at;
        private int line = 1;

        Reader(String text) {
            this.text = text;
        }

        Map<String, Entry> read() throws SyntaxException {
            Map<String, Entry> found = new LinkedHashMap<>();
            skip(true);
            while (at < text.length()) {
                int begun = line;
                String key = word();
                if (key.isEmpty()) {
                    throw new SyntaxException(line, "a key was expected");
                }
                skip(false);
                if (peek() != '=') {
                    throw new SyntaxException(line, "'=' was expected after " + key);
                }
                at++;
                skip(false);
                found.put(key, new Entry(peek() == '[' ? list() : List.of(scalar()), begun));
                skip(true);
            }
            return found;
        }

        private char peek() {
            return at < text.length() ? text.charAt(at) : '\0';
        }

        private void skip(boolean overLines) {
            while (at < text.length()) {
                char c = text.charAt(at);
                if (c == '#') {
                    while (at < text.length() && text.charAt(at) != '\n') {
                        at++;
                    }
                } else if (c == '\n' && overLines) {
                    line++;
                    at++;
                } else if (c == ' ' || c == '\t' || c == '\r') {
                    at++;
                } else {
                    return;
                }
            }
        }

        private String word() {
            int begin = at;
            while (at < text.length()
                    && (Character.isLetterOrDigit(text.charAt(at)) || "_.-".indexOf(text.charAt(at)) >= 0)) {
                at++;
            }
            return text.substring(begin, at);
        }

        private List<String> list() throws SyntaxException {
            List<String> items = new ArrayList<>();
            at++;
            skip(true);
            while (peek() != ']') {
                items.add(scalar());
                skip(true);
                if (peek() == ',') {
                    at++;
                    skip(true);
                } else if (peek() != ']') {
                    throw new SyntaxException(line, "',' or ']' was expected in a list");
                }
            }
            at++;
            return items;
        }

        private String scalar() throws SyntaxException {
            char quote = peek();
            if (text.startsWith("\"\"\"", at)) {
                return quoted("\"\"\"");
            }
            if (quote == '"' || quote == '\'') {
                return quoted(String.valueOf(quote));
            }
            String number = word();
            if (number.isEmpty() || !number.matches("-?[0-9]+")) {
                throw new SyntaxException(line, "a quoted text, a number or a list was expected");
            }
            return number;
        }

        private String quoted(String quote) throws SyntaxException {
            int begin = at + quote.length();
            int end = text.indexOf(quote, begin);
            if (end < 0) {
                throw new SyntaxException(line, "a text is not closed");
            }
            String value = text.substring(begin, end);
            if (quote.length() == 1 && value.indexOf('\n') >= 0) {
                throw new SyntaxException(line, "a text is not closed");
            }
            line += (int) value.chars().filter(c -> c == '\n').count();
            at = end + quote.length();
            return value;
        }
    }
}
