package org.novabridge.driver.compute;

import java.util.Map;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.Progress;

/** What the work of an operation has in hand: its journal, its progress, its cancel flag. */
interface Steps extends Progress {

    /** Id of the operation. */
    String id();

    /** uuid of the instance. */
    String instance();

    Caller caller();

    /**
     * Names the step that comes next, durably.
     *
     * @throws BridgeException CANCELLED when the caller does not want it any more
     */
    void step(String phase);

    /** As {@link #step}, with the action that takes the step back, in one journal write. */
    void step(String phase, Undo undo);

    /**
     * As {@link #step(String, Undo)}; from now on this one action takes back all that was done so far, and what the
     * earlier steps named for it is not to be run any more.
     */
    void instead(String phase, Undo undo);

    /** What this action would take back is over: it is not to be run any more. */
    void over(Undo done);

    /**
     * What the caller must know even when the operation does not come to its end; written with the
     * next step.
     */
    void known(Map<String, Object> result);
}
