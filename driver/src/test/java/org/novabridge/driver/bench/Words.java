package org.novabridge.driver.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What tools/bench gives its programs: {@code name=value} each, explained to its users and checked there. */
record Words(Map<String, String> given) {
    static Words of(String... words) {
        Map<String, String> given = new HashMap<>();
        for (String word : words) {
            String[] pair = word.split("=", 2);
            given.put(pair[0], pair[1]);
        }
        return new Words(given);
    }

    String text(String name) {
        return Objects.requireNonNull(given.get(name), name);
    }

    int number(String name) {
        return Integer.parseInt(text(name));
    }

    Path path(String name) {
        return Path.of(text(name));
    }

    List<String> list(String name) {
        return Arrays.asList(text(name).split(","));
    }

    boolean json() {
        return text("output").equals("json");
    }
}
