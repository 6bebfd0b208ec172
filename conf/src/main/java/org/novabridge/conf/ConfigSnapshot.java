package org.novabridge.conf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The configuration at one moment: typed, checked, immutable; each value knows its origin. A reload
 * makes a new one and swaps it.
 */
public final class ConfigSnapshot {
    private final Map<Option<?>, Resolved<?>> values;
    private final Map<String, ConfigSnapshot> ioProfiles;

    /** The defaults that somebody has asked for: rules ask for the same ones again and again. */
    private final Map<Option<?>, Resolved<?>> defaults = new ConcurrentHashMap<>();

    private ConfigSnapshot(Map<Option<?>, Resolved<?>> values, Map<String, ConfigSnapshot> ioProfiles) {
        this.values = Map.copyOf(values);
        this.ioProfiles = Collections.unmodifiableMap(new LinkedHashMap<>(ioProfiles));
    }

    /** Nothing written: every option has its default. */
    public static ConfigSnapshot defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with these values. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.values.putAll(values);
        builder.ioProfiles.putAll(ioProfiles);
        return builder;
    }

    /** The value with its origin; an option nobody wrote has its default. */
    @SuppressWarnings("unchecked")
    public <T> Resolved<T> resolve(Option<T> option) {
        Resolved<?> resolved = values.get(option);
        if (resolved == null) {
            resolved = defaults.get(option);
        }
        if (resolved == null) {
            // Not computed inside the map: a default may refer to another one.
            resolved = new Resolved<>(substitutedDefault(option), new Origin.Default());
            defaults.put(option, resolved);
        }
        return (Resolved<T>) resolved;
    }

    /** Defaults such as {@code $state_path/instances} follow what is written for the option they name. */
    @SuppressWarnings("unchecked") // a text default belongs to an Option<String>
    private <T> @Nullable T substitutedDefault(Option<T> option) {
        T value = option.defaultValue();
        if (!(value instanceof String text) || !References.mayOccurIn(text)) {
            return value;
        }
        try {
            return (T) References.replace(
                    text,
                    name -> PythonText.str(
                            resolve(OptionRegistry.schema().refer(option, name)).value()));
        } catch (BadReferenceException e) {
            throw new IllegalStateException("the declared default of " + option.display() + ": " + e.getMessage(), e);
        }
    }

    /** The {@code [io_profile:NAME]} sections by name; each holds the {@link IoProfileOptions}. */
    public Map<String, ConfigSnapshot> ioProfiles() {
        return ioProfiles;
    }

    /**
     * The value of an option that always has one.
     *
     * @throws NoSuchElementException when it is not set and has no default
     */
    public <T> T get(Option<T> option) {
        T value = resolve(option).value();
        if (value == null) {
            throw new NoSuchElementException(option.display() + " is not set and has no default");
        }
        return value;
    }

    /** The value, or empty for oslo's None. */
    public <T> Optional<T> find(Option<T> option) {
        return resolve(option).optional();
    }

    /** The profile of this name, which is written in lower case. */
    public Optional<ConfigSnapshot> ioProfile(String name) {
        return Optional.ofNullable(ioProfiles.get(name));
    }

    /**
     * The options whose value is another one than before a reload, in the order of the sample file; those that are
     * not {@link Option#reloadable()} keep their old value until a restart. Profiles are not compared.
     */
    public List<Option<?>> changedSince(ConfigSnapshot before) {
        List<Option<?>> changed = new ArrayList<>();
        for (Option<?> option : OptionRegistry.all()) {
            if (!Objects.equals(resolve(option).value(), before.resolve(option).value())) {
                changed.add(option);
            }
        }
        return changed;
    }

    /** Collects values; for the loader and for tests. */
    public static final class Builder {
        private final Map<Option<?>, Resolved<?>> values = new LinkedHashMap<>();

        private final Map<String, ConfigSnapshot> ioProfiles = new LinkedHashMap<>();

        private Builder() {}

        public <T> Builder set(Option<T> option, @Nullable T value, Origin origin) {
            values.put(option, new Resolved<>(value, origin));
            return this;
        }

        public <T> Builder set(Option<T> option, T value) {
            return set(option, value, new Origin.Given("given"));
        }

        /** Adds a profile; {@code settings} holds {@link IoProfileOptions}. */
        public Builder ioProfile(String name, ConfigSnapshot settings) {
            ioProfiles.put(name, settings);
            return this;
        }

        public ConfigSnapshot build() {
            return new ConfigSnapshot(values, ioProfiles);
        }
    }
}
