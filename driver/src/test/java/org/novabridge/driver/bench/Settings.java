package org.novabridge.driver.bench;

import java.nio.file.Path;
import java.util.List;
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
        Words given = Words.of(words);
        return new Settings(
                given.list("sizes").stream().map(Quantities::bytes).toList(),
                Quantities.bytes(given.text("growth")),
                given.number("repetitions"),
                given.number("limit"),
                Set.copyOf(given.list("parts")),
                given.list("crowds").stream().map(Integer::valueOf).toList(),
                given.number("parallel"),
                given.json(),
                given.path("control-group"),
                given.path("nova-program"));
    }

    boolean wants(Measured.Work work) {
        return parts.contains(work.part);
    }
}
