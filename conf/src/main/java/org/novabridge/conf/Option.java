package org.novabridge.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One option, declared once: the only place that says its name, type, default, choices, help and
 * who acts on it.
 *
 * @param <T> String, Integer, Double, Boolean, {@code List<String>} or {@code Map<String, String>}
 */
public final class Option<T> {

    /** Another name under which the same option may be written; Nova's own older names. */
    public record OldName(String group, String name) {}

    /** Who acts on the option. */
    public sealed interface Status {
        /** Its value changes what the bridge does. */
        record Active() implements Status {}

        /** Its value changes what somebody else does who reads the same file. */
        record Elsewhere(Actor actor) implements Status {}

        /**
         * Read and checked, and nothing happens with it.
         *
         * @param reason what is missing, or why it has no effect; shown by {@code config check} and on the reference page
         */
        record Declared(String reason) implements Status {}
    }

    /** Who acts on an option that is no matter of the bridge. */
    public enum Actor {
        NOVA_COMPUTE("nova-compute"),
        /** The driver's Python half inside nova-compute, and the libraries that it uses for ports, volumes and images. */
        SHIM("the shim in nova-compute"),
        NOVA_API("Nova's API"),
        NOVA_CONDUCTOR("nova-conductor"),
        CONSOLE_PROXY("Nova's console proxy");

        private final String words;

        Actor(String words) {
            this.words = words;
        }

        /** As a sentence names it. */
        public String words() {
            return words;
        }
    }

    private final String group;
    private final String name;
    private final OptionType<T> type;
    private final @Nullable T defaultValue;
    private final String help;
    private final List<OldName> oldNames;
    private final boolean secret;
    private final boolean reloadable;
    private final boolean ours;
    private final boolean deprecated;
    private final Status status;
    private final String since;
    /** Kept, because every explanation names options. */
    private final String display;

    private Option(Builder<T> builder, String help, Status status) {
        this.group = builder.section.group();
        this.name = builder.name;
        this.type = builder.type;
        this.defaultValue = builder.defaultValue;
        this.help = help;
        this.oldNames = List.copyOf(builder.oldNames);
        this.secret = builder.secret;
        this.reloadable = builder.reloadable;
        this.ours = builder.ours;
        this.deprecated = builder.deprecated;
        this.status = status;
        this.since = builder.since;
        this.display = "[" + group + "]" + name;
    }

    /** {@code DEFAULT}, {@code libvirt}, {@code image_cache} … */
    public String group() {
        return group;
    }

    public String name() {
        return name;
    }

    public OptionType<T> type() {
        return type;
    }

    /**
     * The default; null stands for oslo's None. A text may hold {@code $name}, which {@link
     * ConfigSnapshot} replaces as oslo.config does.
     */
    public @Nullable T defaultValue() {
        return defaultValue;
    }

    /** What the option does, in a few sentences; the text of the sample file and of the reference page. */
    public String help() {
        return help;
    }

    /** Older names that still work, the newest first. */
    public List<OldName> oldNames() {
        return oldNames;
    }

    /** True when the value is shown nowhere. */
    public boolean secret() {
        return secret;
    }

    /** True when a reload is enough for a new value to count; else the service must be restarted. */
    public boolean reloadable() {
        return reloadable;
    }

    /** True for an option that Nova does not have. */
    public boolean ours() {
        return ours;
    }

    /** True when Nova has announced the option's end. */
    public boolean deprecated() {
        return deprecated;
    }

    public Status status() {
        return status;
    }

    /** Why nobody does anything with the option; empty when somebody does. */
    public Optional<String> notActedOn() {
        return status instanceof Status.Declared declared ? Optional.of(declared.reason()) : Optional.empty();
    }

    /** Who acts on the option instead of the bridge; empty when it is the bridge, or nobody. */
    public Optional<Actor> elsewhere() {
        return status instanceof Status.Elsewhere elsewhere ? Optional.of(elsewhere.actor()) : Optional.empty();
    }

    /** Nova's major release that brought the option, empty when it is older than 26 (Zed) or ours. */
    public String since() {
        return since;
    }

    /** The default as it would be written, or empty for oslo's None. */
    public Optional<String> defaultText() {
        return defaultValue == null ? Optional.empty() : Optional.of(type.format(defaultValue));
    }

    /** {@code [libvirt]disk_cachemodes}. */
    public String display() {
        return display;
    }

    @Override
    public String toString() {
        return display();
    }

    /** Collects the facts of one declaration; started by {@link OptionSection}. */
    static final class Builder<T> {
        private final OptionSection section;
        private final String name;
        private final OptionType<T> type;
        private final @Nullable T defaultValue;
        private final List<OldName> oldNames = new ArrayList<>();
        private boolean secret;
        private boolean reloadable = true;
        private boolean ours;
        private boolean deprecated;
        private String since = "";

        Builder(OptionSection section, String name, OptionType<T> type, @Nullable T defaultValue) {
            this.section = Objects.requireNonNull(section);
            this.name = name;
            this.type = type;
            this.defaultValue = defaultValue;
        }

        /** An older name in the same section. */
        Builder<T> oldName(String oldName) {
            return oldName(section.group(), oldName);
        }

        Builder<T> oldName(String oldGroup, String oldName) {
            oldNames.add(new OldName(oldGroup, oldName));
            return this;
        }

        Builder<T> secret() {
            secret = true;
            return this;
        }

        /** A new value counts only after a restart of the service. */
        Builder<T> restart() {
            reloadable = false;
            return this;
        }

        /** Nova has no such option. */
        Builder<T> ours() {
            ours = true;
            return this;
        }

        /** Nova has announced the option's end. */
        Builder<T> deprecated() {
            deprecated = true;
            return this;
        }

        /** Nova's major release that brought it, when newer than 26. */
        Builder<T> since(String release) {
            since = release;
            return this;
        }

        /** Declares an option that the bridge acts on. */
        Option<T> active(String help) {
            return add(help, new Status.Active());
        }

        /** Declares an option that is a matter of somebody else. */
        Option<T> actedOnBy(Actor actor, String help) {
            return add(help, new Status.Elsewhere(actor));
        }

        /** Declares an option that is read and checked only. */
        Option<T> notActedOn(String reason, String help) {
            return add(help, new Status.Declared(reason));
        }

        private Option<T> add(String help, Status status) {
            Option<T> option = new Option<>(this, help, status);
            section.add(option);
            return option;
        }
    }
}
