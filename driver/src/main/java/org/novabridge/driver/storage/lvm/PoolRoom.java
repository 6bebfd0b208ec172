package org.novabridge.driver.storage.lvm;

/**
 * What a thin pool has for the guests that write to it.
 *
 * @param pool group and name
 * @param free bytes of its data that nothing is written to
 * @param enough a guest that found it full can go on
 */
public record PoolRoom(String pool, long free, boolean enough) {
    /** The pool's volume group. */
    public String group() {
        return pool.substring(0, pool.indexOf('/'));
    }
}
