package org.novabridge.driver.policy;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.ValueOrigin;

/**
 * A value, what it was decided from, and one sentence.
 *
 * @param value null when the attribute is decided to be absent
 * @param <T> type of the value
 */
record Decision<T>(@Nullable T value, List<ValueOrigin> origins, String sentence) {
    Decision {
        origins = List.copyOf(origins);
    }

    static <T> Decision<T> of(@Nullable T value, String sentence, ValueOrigin... origins) {
        return new Decision<>(value, List.of(origins), sentence);
    }

    Optional<T> optional() {
        return Optional.ofNullable(value);
    }

    /** The value of a decision that is never absent. */
    T get() {
        return Objects.requireNonNull(value, sentence);
    }
}
