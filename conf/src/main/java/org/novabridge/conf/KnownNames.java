package org.novabridge.conf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Names of options that some Nova from release 26 to 33, or a library it uses, knows; names only, no meaning. */
final class KnownNames {
    private final Map<String, Set<String>> bySection;

    private KnownNames(Map<String, Set<String>> bySection) {
        this.bySection = bySection;
    }

    static KnownNames none() {
        return new KnownNames(Map.of());
    }

    /** From the tracked file {@code nova-names.txt}, made by {@code tools/nova-option-names.py}. */
    static KnownNames ofNova() {
        Map<String, Set<String>> bySection = new HashMap<>();
        try (InputStream in = Objects.requireNonNull(
                        KnownNames.class.getResourceAsStream("nova-names.txt"), "nova-names.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            Set<String> names = new HashSet<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("[")) {
                    names = bySection.computeIfAbsent(line.substring(1, line.length() - 1), name -> new HashSet<>());
                } else if (!line.isEmpty() && !line.startsWith("#")) {
                    names.add(line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new KnownNames(bySection);
    }

    boolean has(String section, String name) {
        return names(section).contains(name);
    }

    Set<String> names(String section) {
        return bySection.getOrDefault(section, Set.of());
    }

    Set<String> sections() {
        return bySection.keySet();
    }
}
