package org.novabridge.driver.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The samples of those who took turns, in the order in which they were first measured. */
final class Turns<K> {
    private final Map<K, List<Sample>> samples = new LinkedHashMap<>();

    void add(K who, Sample sample) {
        samples.computeIfAbsent(who, unused -> new ArrayList<>()).add(sample);
    }

    List<K> who() {
        return List.copyOf(samples.keySet());
    }

    Optional<Figures> figures(K who) {
        return Optional.ofNullable(samples.get(who)).map(Figures::new);
    }

    /** How often the second's time goes into the first's; empty when one of them was not measured. */
    Optional<Double> ratio(K who, K to) {
        return figures(who).flatMap(one -> figures(to).map(one::timesOf));
    }
}
