package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Few rows in which every two values of different choices meet at least once: most faults of a combination are faults of
 * two of its parts. The same choices give the same rows.
 */
final class PairwiseRows {
    private static final int TRIES = 3_000;
    private static final int CANDIDATES = 80;

    private final Map<String, List<String>> choices;
    private final Predicate<Map<String, String>> allowed;
    private final Random random = new Random(42);
    private final Set<String> impossible = new LinkedHashSet<>();
    private final List<Map<String, String>> rows = new ArrayList<>();

    private PairwiseRows(Map<String, List<String>> choices, Predicate<Map<String, String>> allowed) {
        this.choices = choices;
        this.allowed = allowed;
    }

    /** @param allowed whether the values of a row may stand together */
    static PairwiseRows of(Map<String, List<String>> choices, Predicate<Map<String, String>> allowed) {
        PairwiseRows made = new PairwiseRows(choices, allowed);
        made.fill();
        return made;
    }

    List<Map<String, String>> rows() {
        return List.copyOf(rows);
    }

    /** The pairs that no allowed row has, as {@code cache=unsafe io=native}. */
    Set<String> impossible() {
        return Set.copyOf(impossible);
    }

    /** The pairs of a row. */
    static Set<String> pairs(Map<String, String> row) {
        Set<String> pairs = new LinkedHashSet<>();
        List<Map.Entry<String, String>> all = List.copyOf(row.entrySet());
        for (int i = 0; i < all.size(); i++) {
            for (Map.Entry<String, String> other : all.subList(i + 1, all.size())) {
                pairs.add(pair(all.get(i).getKey(), all.get(i).getValue(), other.getKey(), other.getValue()));
            }
        }
        return pairs;
    }

    private static String pair(String name, String value, String other, String otherValue) {
        return name + "=" + value + " " + other + "=" + otherValue;
    }

    private void fill() {
        Map<String, Map<String, String>> missing = new LinkedHashMap<>();
        List<Map.Entry<String, List<String>>> all = List.copyOf(choices.entrySet());
        for (int i = 0; i < all.size(); i++) {
            String name = all.get(i).getKey();
            for (Map.Entry<String, List<String>> others : all.subList(i + 1, all.size())) {
                for (String value : all.get(i).getValue()) {
                    for (String other : others.getValue()) {
                        missing.put(
                                pair(name, value, others.getKey(), other), Map.of(name, value, others.getKey(), other));
                    }
                }
            }
        }
        while (!missing.isEmpty()) {
            Map.Entry<String, Map<String, String>> first =
                    missing.entrySet().iterator().next();
            Optional<Map<String, String>> row = best(first.getValue(), missing.keySet());
            if (row.isEmpty()) {
                impossible.add(first.getKey());
                missing.remove(first.getKey());
            } else {
                rows.add(row.get());
                missing.keySet().removeAll(pairs(row.get()));
            }
        }
    }

    /** Of some rows with the pair, the one that has most of what is missing. */
    private Optional<Map<String, String>> best(Map<String, String> pair, Set<String> missing) {
        Map<String, String> best = null;
        long most = 0;
        int found = 0;
        for (int i = 0; i < TRIES && found < CANDIDATES; i++) {
            Map<String, String> row = new LinkedHashMap<>();
            choices.forEach((name, values) ->
                    row.put(name, pair.getOrDefault(name, values.get(random.nextInt(values.size())))));
            if (!allowed.test(row)) {
                continue;
            }
            found++;
            long gained = pairs(row).stream().filter(missing::contains).count();
            if (gained > most) {
                most = gained;
                best = row;
            }
        }
        return Optional.ofNullable(best);
    }
}
