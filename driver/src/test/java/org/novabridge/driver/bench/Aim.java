package org.novabridge.driver.bench;

import org.jspecify.annotations.Nullable;

/**
 * A number that was promised, and what was measured.
 *
 * @param text the promise
 * @param limit the most (or, when {@code atLeast}, the least) that keeps it
 * @param measured null when it was not measured
 * @param because why it was not measured, else empty
 */
record Aim(
        String text,
        double limit,
        boolean atLeast,
        @Nullable Double measured,
        String because) {
    static Aim atMost(String text, double limit, @Nullable Double measured) {
        return new Aim(text, limit, false, measured, measured == null ? "not part of this run" : "");
    }

    static Aim atLeast(String text, double limit, @Nullable Double measured) {
        return new Aim(text, limit, true, measured, measured == null ? "not part of this run" : "");
    }

    static Aim notMeasured(String text, double limit, String because) {
        return new Aim(text, limit, false, null, because);
    }

    boolean met() {
        return measured != null && (atLeast ? measured >= limit : measured <= limit);
    }

    /** "met", "missed by 12 %", or why nothing was measured. */
    String verdict() {
        if (measured == null) {
            return "not measured: " + because;
        }
        if (met()) {
            return "met";
        }
        double missed = atLeast ? 1 - measured / limit : measured / limit - 1;
        return "missed by %.0f %%".formatted(Math.ceil(100 * missed));
    }
}
