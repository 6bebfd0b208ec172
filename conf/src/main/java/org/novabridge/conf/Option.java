package org.novabridge.conf;

import org.jspecify.annotations.Nullable;

/**
 * One option, declared once: the only place that says its name, type, default, choices, help and
 * whether the bridge acts on it yet.
 *
 * @param <T> String, Integer, Long, Double, Boolean, {@code List<String>} or {@code Map<String, String>}
 */
public final class Option<T> {
    private final String group;
    private final String name;
    private final @Nullable T defaultValue;

    Option(String group, String name, @Nullable T defaultValue) {
        this.group = group;
        this.name = name;
        this.defaultValue = defaultValue;
    }

    /** {@code DEFAULT}, {@code libvirt}, {@code image_cache} … */
    public String group() {
        return group;
    }

    public String name() {
        return name;
    }

    /** The default; null stands for oslo's None. */
    public @Nullable T defaultValue() {
        return defaultValue;
    }

    /** {@code [libvirt]disk_cachemodes}. */
    public String display() {
        return "[" + group + "]" + name;
    }
}
