package org.novabridge.driver.model;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is known about the host. Rules are pure: whatever they need to know of the world comes in here,
 * probed or given ({@code --host-facts}). A fact that nobody could probe is absent, and a rule that
 * needs it says so.
 */
public final class HostFacts {
    private final Map<HostFact, Object> values;

    private HostFacts(Map<HostFact, Object> values) {
        this.values = Map.copyOf(values);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with these facts; later ones win. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.values.putAll(values);
        return builder;
    }

    public boolean has(HostFact fact) {
        return values.containsKey(fact);
    }

    /** Facts that nobody gave and nobody could probe. */
    public Set<HostFact> unknown() {
        EnumSet<HostFact> all = EnumSet.allOf(HostFact.class);
        all.removeAll(values.keySet());
        return all;
    }

    public String text(HostFact fact) {
        return need(fact, String.class);
    }

    public boolean is(HostFact fact) {
        return need(fact, Boolean.class);
    }

    public int number(HostFact fact) {
        return need(fact, Integer.class);
    }

    @SuppressWarnings("unchecked")
    public List<String> texts(HostFact fact) {
        return need(fact, List.class);
    }

    @SuppressWarnings("unchecked")
    public List<DiskSource.HostPort> hostPorts(HostFact fact) {
        return need(fact, List.class);
    }

    /** The raw value, for printing. */
    public Optional<Object> find(HostFact fact) {
        return Optional.ofNullable(values.get(fact));
    }

    private <T> T need(HostFact fact, Class<T> type) {
        Object value = values.get(fact);
        if (value == null) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the host fact '" + fact.key() + "' is needed and could not be probed",
                    "give it with --host-facts");
        }
        return type.cast(value);
    }

    /** Collects facts. */
    public static final class Builder {
        private final Map<HostFact, Object> values = new EnumMap<>(HostFact.class);

        private Builder() {}

        /**
         * @throws IllegalArgumentException when the value is not of the fact's type
         */
        public Builder put(HostFact fact, Object value) {
            boolean fits = switch (fact.type()) {
                case TEXT -> value instanceof String;
                case BOOLEAN -> value instanceof Boolean;
                case NUMBER -> value instanceof Integer;
                case TEXTS -> value instanceof List<?> l && l.stream().allMatch(String.class::isInstance);
                case HOST_PORTS ->
                    value instanceof List<?> l && l.stream().allMatch(DiskSource.HostPort.class::isInstance);
            };
            if (!fits) {
                throw new IllegalArgumentException(fact.key() + " is not of type " + fact.type());
            }
            values.put(fact, value instanceof List<?> list ? List.copyOf(list) : value);
            return this;
        }

        public HostFacts build() {
            return new HostFacts(values);
        }
    }
}
