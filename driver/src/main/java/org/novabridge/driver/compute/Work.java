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

    /**
     * It will not run, or not again: what it holds can go. Called after it ran or was cancelled before, and when a known key
     * repeats its answer; whoever could not submit it calls it too. A second call does nothing.
     */
    default void over() {}

    /** That holds something which is to go with it. */
    static Work ending(Work work, Runnable end) {
        return new Work() {
            @Override
            public Map<String, Object> run(Steps steps) {
                return work.run(steps);
            }

            @Override
            public void over() {
                work.over();
                end.run();
            }
        };
    }

    /** The same with nobody else at the instance meanwhile. */
    default Work alone(Locks locks, String uuid) {
        return ending(
                steps -> {
                    try (Locks.Held unused = locks.take(Locks.Level.INSTANCE, uuid)) {
                        return run(steps);
                    }
                },
                this::over);
    }
}
