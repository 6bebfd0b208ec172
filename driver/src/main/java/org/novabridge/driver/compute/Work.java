package org.novabridge.driver.compute;

import java.util.Map;

/** What an operation does. It throws {@code BridgeException}; the engine then runs the undo list. */
@FunctionalInterface
interface Work {
    /** @return the result: JSON values only */
    Map<String, Object> run(Steps steps);
}
