package org.novabridge.driver.compute;

/**
 * How an instance comes back.
 *
 * @param force without a word to the other host, which will never run it
 * @param held it is not started: the caller does that, with what it connects and plugs here. A migration that still runs ends
 *     first, and none is success: who was away does not know how far it came
 * @param idle only when a guest that Nova starts does not run there: what it has written goes with it
 */
public record MigrationRevert(boolean force, boolean held, boolean idle) {}
