package org.novabridge.driver.model;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The file of {@code --host-facts}: any of the {@link HostFact}s by key, unknown keys refused. */
public final class HostFactsReader {
    private static final Set<String> KEYS =
            Arrays.stream(HostFact.values()).map(HostFact::key).collect(Collectors.toCollection(LinkedHashSet::new));

    private HostFactsReader() {}

    /**
     * @param json the document, UTF-8
     * @throws BridgeException INVALID_REQUEST with every problem found
     */
    public static HostFacts read(byte[] json) {
        return BoundedJson.read(json, "the file of host facts", HostFactsReader::facts);
    }

    private static HostFacts facts(CheckedObject top, List<String> problems) {
        top.only(KEYS);
        HostFacts.Builder facts = HostFacts.builder();
        for (HostFact fact : HostFact.values()) {
            if (top.has(fact.key())) {
                int before = problems.size();
                Object value = value(top, fact);
                if (value != null && problems.size() == before) {
                    facts.put(fact, value);
                }
            }
        }
        return facts.build();
    }

    private static @Nullable Object value(CheckedObject top, HostFact fact) {
        return switch (fact.type()) {
            case TEXT -> top.optionalName(fact.key());
            case BOOLEAN -> top.flag(fact.key(), false);
            case NUMBER -> top.number(fact.key(), 0, 0);
            case TEXTS -> top.names(fact.key(), 4096);
            case HOST_PORTS ->
                top.objects(fact.key(), 64).stream()
                        .map(monitor -> new DiskSource.HostPort(monitor.name("host"), monitor.optionalWord("port")))
                        .toList();
        };
    }
}
