package org.novabridge.driver.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object from outside, read field by field; what is wrong with a field is collected under its
 * JSON pointer, so that the caller learns of everything at once. Values are never repeated in a problem,
 * only described: they may be secret, or a megabyte long.
 */
final class CheckedObject {
    /** Longest text of a field that is not a name: metadata, device paths. */
    static final int MAX_TEXT = 65_535;

    static final int MAX_NAME = 255;
    static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final int MAX_PROBLEMS = 50;

    private final JsonNode node;
    private final String pointer;
    private final List<String> problems;

    CheckedObject(JsonNode node, String pointer, List<String> problems) {
        this.node = node;
        this.pointer = pointer;
        this.problems = problems;
    }

    void problem(String key, String what) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add((key.isEmpty() && pointer.isEmpty() ? "the document" : place(key)) + " " + what);
        }
    }

    /** Refuses every key that is not among the known ones. */
    void only(Set<String> known) {
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                problem(key, "is not known here; known: " + String.join(", ", known));
            }
        });
    }

    boolean has(String key) {
        JsonNode value = node.get(key);
        return value != null && !value.isNull();
    }

    String name(String key) {
        return orEmpty(key, optionalName(key));
    }

    /** A short text without control characters. */
    @Nullable
    String optionalName(String key) {
        return text(key, MAX_NAME, CheckedObject::printable, "text without control characters");
    }

    String uuid(String key) {
        return orEmpty(
                key,
                text(key, MAX_NAME, t -> UUID.matcher(t).matches(), "a UUID in its canonical form (small letters)"));
    }

    /** A name that may become a part of a path or an argument of a command. */
    @Nullable
    String optionalFileName(String key) {
        return text(
                key,
                200,
                t -> printable(t) && !t.isBlank() && t.indexOf('/') < 0 && !t.startsWith("-") && !t.startsWith("."),
                "a name without '/' and control characters that does not begin with '-' or '.'");
    }

    /**
     * A file handed over with the request: a plain name in the exchange folder, or an absolute path, which
     * only the operator may give (design 4.4). Who asks is known later, where the file is taken.
     */
    @Nullable
    String optionalHandedFile(String key) {
        if (has(key) && node.get(key).isTextual() && node.get(key).textValue().startsWith("/")) {
            return text(key, 4096, CheckedObject::printable, "an absolute path without control characters");
        }
        return optionalFileName(key);
    }

    String fileName(String key) {
        return orEmpty(key, optionalFileName(key));
    }

    /** A device as Nova names it: {@code vda} or {@code /dev/vda}. */
    @Nullable
    String optionalDevice(String key) {
        return text(key, 64, t -> t.matches("(/dev/)?[A-Za-z][A-Za-z0-9]*"), "a device name such as vda or /dev/vda");
    }

    /** One word of letters, digits, dash and underscore. */
    @Nullable
    String optionalWord(String key) {
        return text(key, 64, t -> t.matches("[A-Za-z0-9_.-]+"), "one word of letters, digits, '-', '_' and '.'");
    }

    int number(String key, int least) {
        if (!has(key)) {
            problem(key, "is missing");
            return least;
        }
        return number(key, least, least);
    }

    int number(String key, int least, int otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.get(key);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < least) {
            problem(key, "must be a whole number from " + least + " to " + Integer.MAX_VALUE + ", is " + kind(value));
            return otherwise;
        }
        return value.intValue();
    }

    @Nullable
    Long optionalLong(String key) {
        if (!has(key)) {
            return null;
        }
        JsonNode value = node.get(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
            problem(key, "must be a whole number from 0 to " + Long.MAX_VALUE + ", is " + kind(value));
            return null;
        }
        return value.longValue();
    }

    boolean flag(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        JsonNode value = node.get(key);
        if (!value.isBoolean()) {
            problem(key, "must be true or false, is " + kind(value));
            return otherwise;
        }
        return value.booleanValue();
    }

    /** Nova's loose switch of {@code config_drive}: true, "True", "" and null. */
    boolean looseFlag(String key) {
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) {
            return false;
        }
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value.isTextual()) {
            return !value.textValue().isEmpty();
        }
        problem(key, "must be true, false or text, is " + kind(value));
        return false;
    }

    @Nullable
    CheckedObject optionalObject(String key) {
        if (!has(key)) {
            return null;
        }
        JsonNode value = node.get(key);
        if (!value.isObject()) {
            problem(key, "must be an object, is " + kind(value));
            return null;
        }
        return new CheckedObject(value, place(key), problems);
    }

    /** The objects of a list; a missing list is empty. */
    List<CheckedObject> objects(String key, int most) {
        List<CheckedObject> found = new ArrayList<>();
        if (!has(key)) {
            return found;
        }
        JsonNode value = node.get(key);
        if (!value.isArray()) {
            problem(key, "must be a list, is " + kind(value));
            return found;
        }
        if (value.size() > most) {
            problem(key, "has " + value.size() + " entries, at most " + most + " are allowed");
            return found;
        }
        for (int i = 0; i < value.size(); i++) {
            if (value.get(i).isObject()) {
                found.add(new CheckedObject(value.get(i), place(key) + "/" + i, problems));
            } else {
                problem(key + "/" + i, "must be an object, is " + kind(value.get(i)));
            }
        }
        return found;
    }

    List<String> names(String key, int most) {
        List<String> found = new ArrayList<>();
        JsonNode value = node.get(key);
        if (value == null || !value.isArray() || value.size() > most) {
            problem(key, "must be a list of at most " + most + " texts");
            return found;
        }
        for (JsonNode item : value) {
            if (item.isTextual() && item.textValue().length() <= MAX_NAME && printable(item.textValue())) {
                found.add(item.textValue());
            } else {
                problem(key, "has an entry that is no text without control characters, but " + kind(item));
            }
        }
        return found;
    }

    /** Extra specs, image properties, metadata: any scalar, taken as the text Python's str() makes of it. */
    Map<String, String> texts(String key) {
        Map<String, String> found = new LinkedHashMap<>();
        CheckedObject object = optionalObject(key);
        if (object == null) {
            return found;
        }
        object.node.fields().forEachRemaining(entry -> {
            String name = entry.getKey();
            JsonNode value = entry.getValue();
            if (name.isEmpty() || name.length() > MAX_NAME || !printable(name)) {
                object.problem(name, "has a name that is empty, too long, or holds control characters");
            } else if (value.isNull()) {
                return; // Nova's None: as if it were not there
            } else if (value.isBoolean()) {
                found.put(name, value.booleanValue() ? "True" : "False");
            } else if (value.isNumber()) {
                found.put(name, value.asText());
            } else if (value.isArray() || value.isObject()) {
                found.put(name, value.toString());
            } else if (value.textValue().length() > MAX_TEXT || !writable(value.textValue())) {
                object.problem(name, "is too long or holds characters that no document may hold: " + kind(value));
            } else {
                found.put(name, value.textValue());
            }
        });
        return found;
    }

    JsonNode node() {
        return node;
    }

    @Nullable
    String text(String key, int most, Predicate<String> good, String expected) {
        if (!has(key)) {
            return null;
        }
        JsonNode value = node.get(key);
        if (!value.isTextual()) {
            problem(key, "must be " + expected + ", is " + kind(value));
            return null;
        }
        String text = value.textValue();
        if (text.length() > most || !good.test(text)) {
            problem(key, "must be " + expected + " (at most " + most + " characters), is " + kind(value));
            return null;
        }
        return text;
    }

    private String orEmpty(String key, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            if (!has(key) || value != null) {
                problem(key, has(key) ? "is empty" : "is missing");
            }
            return "";
        }
        return value;
    }

    private String place(String key) {
        if (key.isEmpty()) {
            return pointer;
        }
        String shown = key.length() > 60 ? key.substring(0, 60) + "…" : key;
        StringBuilder clean = new StringBuilder();
        shown.codePoints().forEach(c -> clean.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return pointer + "/" + clean;
    }

    static String kind(JsonNode value) {
        if (value.isTextual()) {
            return "a text of " + value.textValue().length() + " characters";
        }
        if (value.isNumber()) {
            return value.asText().length() > 30 ? "a very long number" : "the number " + value.asText();
        }
        if (value.isBoolean()) {
            return value.asText();
        }
        if (value.isArray()) {
            return "a list";
        }
        return value.isObject() ? "an object" : "null";
    }

    static boolean printable(String text) {
        return writable(text)
                && text.codePoints().noneMatch(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029);
    }

    /** Only what an XML 1.0 document can hold: a NUL or half of a surrogate pair would break the domain. */
    static boolean writable(String text) {
        return text.codePoints()
                .allMatch(c -> c == '\t'
                        || c == '\n'
                        || c == '\r'
                        || (c >= 0x20 && c <= 0xD7FF)
                        || (c >= 0xE000 && c <= 0xFFFD)
                        || c >= 0x10000);
    }
}
