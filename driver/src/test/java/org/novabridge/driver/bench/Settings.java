package org.novabridge.driver.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What is to be measured; tools/bench explains each to its users and has checked what they gave.
 *
 * @param sizes of the images, in bytes
 * @param growth how much larger the disks are than their images
 * @param limit of the second pass, in MB/s; 0 for no second pass
 * @param parts letters of {@link Measured.Work}
 * @param crowds how many volumes the group has for part d
 * @param parallel how many disks at once for part e
 * @param controlGroup in which this process was started
 * @param novaProgram tools/lib/bench/nova-lvm
 */
record Settings(
        List<Long> sizes,
        long growth,
        int repetitions,
        int limit,
        Set<String> parts,
        List<Integer> crowds,
        int parallel,
        boolean json,
        Path controlGroup,
        Path novaProgram) {
    Settings {
        sizes = List.copyOf(sizes);
        parts = Set.copyOf(parts);
        crowds = List.copyOf(crowds);
    }

    /** @param words {@code name=value} each */
    static Settings of(String... words) {
        Map<String, String> given = new HashMap<>();
        for (String word : words) {
            String[] pair = word.split("=", 2);
            given.put(pair[0], pair[1]);
        }
        return new Settings(
                list(value(given, "sizes")).stream().map(Quantities::bytes).toList(),
                Quantities.bytes(value(given, "growth")),
                Integer.parseInt(value(given, "repetitions")),
                Integer.parseInt(value(given, "limit")),
                Set.copyOf(list(value(given, "parts"))),
                list(value(given, "crowds")).stream().map(Integer::valueOf).toList(),
                Integer.parseInt(value(given, "parallel")),
                value(given, "output").equals("json"),
                Path.of(value(given, "control-group")),
                Path.of(value(given, "nova-program")));
    }

    private static String value(Map<String, String> given, String name) {
        return Objects.requireNonNull(given.get(name), name);
    }

    private static List<String> list(String text) {
        return Arrays.asList(text.split(","));
    }

    boolean wants(Measured.Work work) {
        return parts.contains(work.part);
    }
}
