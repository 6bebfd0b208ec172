package org.novabridge.driver.model;

/**
 * How the host backs guest memory.
 *
 * @param locked pages are never swapped out
 * @param fileBacked memory lives in files, shared, allocated at once and discarded at the end
 */
public record MemoryBacking(boolean locked, boolean fileBacked) {}
