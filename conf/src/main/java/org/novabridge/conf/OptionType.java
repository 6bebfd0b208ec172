package org.novabridge.conf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the text of a value becomes a value. The rules are those of oslo.config's {@code types} module
 * (release 9.0 to 10), row by row checked against the library itself (see {@code tools/oslo-corpus.py}).
 *
 * @param <T> what the option's readers get
 */
public sealed interface OptionType<T> {

    /**
     * Reads one value.
     *
     * @param text the value as the file gives it, quotes stripped and {@code $} replaced; lines of a
     *     continued value are joined by a newline
     * @return the value; null for oslo's None (an empty number)
     * @throws BadValueException when the text is no value of this type; its message never quotes the text
     */
    @Nullable
    T parse(String text) throws BadValueException;

    /** The value as it would be written in a file. */
    String format(T value);

    /** What may be written, in a few words: {@code integer, 0 or more}. */
    String describe();

    /** The values allowed, when there is a closed list. */
    default List<String> choices() {
        return List.of();
    }

    /** oslo's StrOpt and its relatives with a pattern (host, port range, URI). */
    record Text(List<String> choices, @Nullable Pattern pattern, String describe) implements OptionType<String> {
        public Text {
            choices = List.copyOf(choices);
        }

        static Text any() {
            return new Text(List.of(), null, "text");
        }

        static Text oneOf(List<String> choices) {
            return new Text(choices, null, "one of " + String.join(", ", choices));
        }

        static Text matching(String regex, String describe) {
            return new Text(List.of(), Pattern.compile(regex), describe);
        }

        @Override
        public String parse(String text) throws BadValueException {
            if (!choices.isEmpty() && !choices.contains(text)) {
                throw new BadValueException("is not one of " + String.join(", ", choices), text);
            }
            if (pattern != null && !pattern.matcher(text).find()) {
                throw new BadValueException("is not " + describe, text);
            }
            return text;
        }

        @Override
        public String format(String value) {
            return value;
        }
    }

    /**
     * oslo's HostAddressOpt and HostDomainOpt: an IP address or a host name.
     *
     * @param underscore host names may have underscores (HostDomainOpt)
     */
    record Host(boolean underscore) implements OptionType<String> {
        private static final Pattern IPV4 =
                Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\.(?!$)|$)){4}");
        private static final Pattern IPV6_CHARACTERS = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
        private static final int LONGEST_NAME = 253;

        @Override
        public String parse(String text) throws BadValueException {
            if (IPV4.matcher(text).matches() || isIpv6(text)) {
                return text;
            }
            String name = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
            List<String> labels = List.of(name.split("\\.", -1));
            boolean lettered = labels.get(labels.size() - 1).chars().anyMatch(c -> c == '-' || isLetter(c));
            if (text.isEmpty()
                    || text.length() > LONGEST_NAME
                    || !lettered
                    || !labels.stream().allMatch(this::isLabel)) {
                throw new BadValueException("is not " + describe(), text);
            }
            return name;
        }

        private boolean isLabel(String label) {
            return !label.isEmpty()
                    && label.length() <= 63
                    && !label.startsWith("-")
                    && !label.endsWith("-")
                    && label.chars()
                            .allMatch(
                                    c -> isLetter(c) || (c >= '0' && c <= '9') || c == '-' || (underscore && c == '_'));
        }

        private static boolean isLetter(int c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        }

        private static boolean isIpv6(String text) {
            if (!IPV6_CHARACTERS.matcher(text).matches()) {
                return false;
            }
            try {
                // With a colon in it this is never looked up by name.
                return java.net.InetAddress.getByName(text) != null;
            } catch (java.net.UnknownHostException e) {
                return false;
            }
        }

        @Override
        public String format(String value) {
            return value;
        }

        @Override
        public String describe() {
            return "IP address or host name";
        }
    }

    /** oslo's IntOpt and PortOpt. */
    record Int(@Nullable Integer min, @Nullable Integer max, List<Integer> allowed) implements OptionType<Integer> {
        private static final Pattern PYTHON_INT = Pattern.compile("[+-]?[0-9]+(_[0-9]+)*");

        public Int {
            allowed = List.copyOf(allowed);
        }

        @Override
        public @Nullable Integer parse(String text) throws BadValueException {
            String digits = digits(text, PYTHON_INT, "is not an integer");
            if (digits.isEmpty()) {
                return null;
            }
            int value;
            try {
                value = Integer.parseInt(digits);
            } catch (NumberFormatException e) {
                throw new BadValueException("is beyond 32 bits", text);
            }
            if (!allowed.isEmpty() && !allowed.contains(value)) {
                throw new BadValueException("is not " + describe(), text);
            }
            return within(min, value, max, text);
        }

        @Override
        public String format(Integer value) {
            return value.toString();
        }

        @Override
        public String describe() {
            if (!allowed.isEmpty()) {
                return "one of " + String.join(", ", choices());
            }
            return "integer" + range(min, max);
        }

        @Override
        public List<String> choices() {
            return allowed.stream().map(String::valueOf).toList();
        }
    }

    /** oslo's FloatOpt. */
    record Float(@Nullable Double min, @Nullable Double max) implements OptionType<Double> {
        private static final Pattern PYTHON_FLOAT = Pattern.compile(
                "[+-]?(([0-9]+(_[0-9]+)*)(\\.([0-9]+(_[0-9]+)*)?)?|\\.[0-9]+(_[0-9]+)*)([eE][+-]?[0-9]+(_[0-9]+)*)?");

        @Override
        public @Nullable Double parse(String text) throws BadValueException {
            String digits = digits(text, PYTHON_FLOAT, "is not a number");
            if (digits.isEmpty()) {
                return null;
            }
            // Plus nothing: -0.0 is compared as 0.0, as Python does.
            double value = Double.parseDouble(digits) + 0.0;
            return within(min, value, max, text);
        }

        @Override
        public String format(Double value) {
            return value.toString();
        }

        @Override
        public String describe() {
            return "number" + range(min, max);
        }
    }

    /** oslo's BoolOpt. */
    record Bool() implements OptionType<Boolean> {
        private static final Set<String> TRUE = Set.of("true", "1", "on", "yes");
        private static final Set<String> FALSE = Set.of("false", "0", "off", "no");

        @Override
        public Boolean parse(String text) throws BadValueException {
            String word = text.toLowerCase(Locale.ROOT);
            if (TRUE.contains(word)) {
                return true;
            }
            if (FALSE.contains(word)) {
                return false;
            }
            throw new BadValueException("is not a boolean (true, false, 1, 0, on, off, yes, no)", text);
        }

        @Override
        public String format(Boolean value) {
            return value ? "true" : "false";
        }

        @Override
        public String describe() {
            return "boolean";
        }
    }

    /** oslo's ListOpt: items between commas; an item the item type refuses is joined with the next one. */
    record Items(Text item) implements OptionType<List<String>> {
        @Override
        public List<String> parse(String text) throws BadValueException {
            String trimmed = stripTrailingCommas(PythonText.strip(text));
            if (trimmed.isEmpty()) {
                return List.of();
            }
            List<String> parts = List.of(trimmed.split(",", -1));
            List<String> items = new ArrayList<>();
            int next = 0;
            while (next < parts.size()) {
                StringBuilder joined = new StringBuilder(parts.get(next++));
                BadValueException first = null;
                while (true) {
                    try {
                        items.add(item.parse(PythonText.strip(joined.toString())));
                        break;
                    } catch (BadValueException e) {
                        first = first == null ? e : first;
                    }
                    if (next == parts.size()) {
                        throw new BadValueException("has an item that " + first.reason(), text);
                    }
                    joined.append(',').append(parts.get(next++));
                }
            }
            return List.copyOf(items);
        }

        private static String stripTrailingCommas(String text) {
            int end = text.length();
            while (end > 0 && text.charAt(end - 1) == ',') {
                end--;
            }
            return text.substring(0, end);
        }

        @Override
        public String format(List<String> value) {
            return String.join(",", value);
        }

        @Override
        public String describe() {
            return item.choices().isEmpty()
                    ? "list, comma between items"
                    : "list of " + String.join(", ", item.choices());
        }

        @Override
        public List<String> choices() {
            return item.choices();
        }
    }

    /** oslo's MultiStrOpt: each line with the key adds one value, over all files. */
    record Multi() implements OptionType<List<String>> {
        @Override
        public List<String> parse(String text) {
            return List.of(text);
        }

        @Override
        public String format(List<String> value) {
            return String.join("\n", value);
        }

        @Override
        public String describe() {
            return "text, may be written several times";
        }
    }

    /** oslo's DictOpt: {@code key:value,key:value}. */
    record Dict() implements OptionType<Map<String, String>> {
        @Override
        public Map<String, String> parse(String text) throws BadValueException {
            Map<String, String> result = new LinkedHashMap<>();
            String trimmed = PythonText.strip(text);
            if (trimmed.isEmpty()) {
                return Map.of();
            }
            String pending = "";
            for (String part : trimmed.split(",", -1)) {
                String pair = pending + part;
                int colon = pair.indexOf(':');
                if (colon < 0) {
                    pending = pair + ",";
                    continue;
                }
                pending = "";
                String key = PythonText.strip(pair.substring(0, colon));
                if (key.isEmpty()) {
                    throw new BadValueException("has a pair without a key", text);
                }
                if (result.put(key, PythonText.strip(pair.substring(colon + 1))) != null) {
                    throw new BadValueException("has the same key twice", text);
                }
            }
            if (!pending.isEmpty()) {
                throw new BadValueException("has an item without a colon", text);
            }
            return java.util.Collections.unmodifiableMap(result);
        }

        @Override
        public String format(Map<String, String> value) {
            StringBuilder text = new StringBuilder();
            value.forEach((key, item) -> text.append(text.length() == 0 ? "" : ",")
                    .append(key)
                    .append(':')
                    .append(item));
            return text.toString();
        }

        @Override
        public String describe() {
            return "pairs key:value, comma between pairs";
        }
    }

    /** The number as Java reads it; empty for oslo's None. */
    private static String digits(String text, Pattern syntax, String otherwise) throws BadValueException {
        String trimmed = PythonText.strip(text);
        if (!trimmed.isEmpty() && !syntax.matcher(trimmed).matches()) {
            throw new BadValueException(otherwise, text);
        }
        return trimmed.replace("_", "");
    }

    private static <N extends Comparable<N>> N within(@Nullable N min, N value, @Nullable N max, String text)
            throws BadValueException {
        if (min != null && value.compareTo(min) < 0) {
            throw new BadValueException("is less than " + min, text);
        }
        if (max != null && value.compareTo(max) > 0) {
            throw new BadValueException("is more than " + max, text);
        }
        return value;
    }

    private static String range(@Nullable Number min, @Nullable Number max) {
        return Optional.ofNullable(min)
                .map(low -> max == null ? ", " + low + " or more" : ", " + low + " to " + max)
                .orElse(max == null ? "" : ", " + max + " or less");
    }
}
