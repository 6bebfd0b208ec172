package org.novabridge.driver.host.tuning;

/** Told of every place at which a kill leaves something to settle; does nothing in production. */
@FunctionalInterface
interface TuningSteps {
    TuningSteps NONE = where -> {};

    /** @param where as {@code after record of /proc/sys/fs/aio-max-nr} */
    void reach(String where);
}
