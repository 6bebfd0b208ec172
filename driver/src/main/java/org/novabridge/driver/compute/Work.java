package org.novabridge.driver.compute;

import java.util.Map;
import java.util.function.Consumer;

/** What an operation does. It throws {@code BridgeException}; the engine then runs the undo list. */
@FunctionalInterface
interface Work {
    /** @return the result: JSON values only */
    Map<String, Object> run(Steps steps);

    /** That has no result. */
    static Work of(Consumer<Steps> work) {
        return steps -> {
            work.accept(steps);
            return Map.of();
        };
    }

    /** The same with nobody else at the instance meanwhile. */
    default Work alone(Locks locks, String uuid) {
        return steps -> {
            try (Locks.Held unused = locks.take(Locks.Level.INSTANCE, uuid)) {
                return run(steps);
            }
        };
    }
}
