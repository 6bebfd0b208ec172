package org.novabridge.conf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A list such as {@code file=none,block=native}: one mode for each libvirt source type, and the origin of it.
 *
 * @param byType the mode by source type; of two items for one type the last counts, as in Nova
 * @param rejected items whose mode is none; they count as not written
 * @param origin where the list stands
 */
public record SourceTypeModes(Map<String, String> byType, List<Rejected> rejected, Origin origin) {
    /** Source types that a guest's disk can have in Nova. */
    public static final Set<String> SOURCE_TYPES = Set.of("file", "block", "network", "mount");

    /** An item that was skipped: {@code mode} is empty when it had no {@code =}. */
    public record Rejected(String type, String mode) {}

    public SourceTypeModes {
        byType = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(byType));
        rejected = List.copyOf(rejected);
    }

    /** The mode written for the source type. */
    public Optional<String> forType(String sourceType) {
        return Optional.ofNullable(byType.get(sourceType));
    }

    static SourceTypeModes parse(Resolved<List<String>> list, Set<String> valid) {
        Map<String, String> byType = new LinkedHashMap<>();
        List<Rejected> rejected = new ArrayList<>();
        for (String item : list.optional().orElse(List.of())) {
            int equal = item.indexOf('=');
            String type = equal < 0 ? item : item.substring(0, equal);
            String mode = equal < 0 ? "" : item.substring(equal + 1);
            if (valid.contains(mode)) {
                byType.put(type, mode);
            } else {
                rejected.add(new Rejected(type, mode));
            }
        }
        return new SourceTypeModes(byType, rejected, list.origin());
    }
}
