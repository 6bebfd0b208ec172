package org.novabridge.conf;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The value of an option and where it comes from.
 *
 * @param value the typed value; null stands for oslo's None (not set, no default)
 */
public record Resolved<T>(@Nullable T value, Origin origin) {

    /** True when an operator wrote it, false when it is the declared default. */
    public boolean written() {
        return !(origin instanceof Origin.Default);
    }

    public Optional<T> optional() {
        return Optional.ofNullable(value);
    }
}
