package org.novabridge.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * The configuration at one moment: typed, checked, immutable; each value knows its origin. A reload
 * makes a new one and swaps it.
 */
public final class ConfigSnapshot {
    private final Map<Option<?>, Resolved<?>> values;

    private ConfigSnapshot(Map<Option<?>, Resolved<?>> values) {
        this.values = Map.copyOf(values);
    }

    /** Nothing written: every option has its default. */
    public static ConfigSnapshot defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The value with its origin; an option nobody wrote has its default. */
    @SuppressWarnings("unchecked")
    public <T> Resolved<T> resolve(Option<T> option) {
        Resolved<?> resolved = values.get(option);
        if (resolved == null) {
            return new Resolved<>(option.defaultValue(), new Origin.Default());
        }
        return (Resolved<T>) resolved;
    }

    /**
     * The value of an option that always has one.
     *
     * @throws NoSuchElementException when it is not set and has no default
     */
    public <T> T get(Option<T> option) {
        return find(option)
                .orElseThrow(() -> new NoSuchElementException(option.display() + " is not set and has no default"));
    }

    /** The value, or empty for oslo's None. */
    public <T> Optional<T> find(Option<T> option) {
        return resolve(option).optional();
    }

    /** Collects values; for the loader and for tests. */
    public static final class Builder {
        private final Map<Option<?>, Resolved<?>> values = new LinkedHashMap<>();

        private Builder() {}

        public <T> Builder set(Option<T> option, T value, Origin origin) {
            values.put(option, new Resolved<>(value, origin));
            return this;
        }

        public <T> Builder set(Option<T> option, T value) {
            return set(option, value, new Origin.Given("given"));
        }

        public ConfigSnapshot build() {
            return new ConfigSnapshot(values);
        }
    }
}
