package org.novabridge.driver.host.tuning;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How many AIO requests the kernel gives out, and how many are taken.
 *
 * @param limit {@code fs.aio-max-nr}
 * @param used {@code fs.aio-nr}
 */
public record AioRoom(long limit, long used) {
    /** What QEMU takes for its main loop, and for each I/O thread with a disk that has io=native (measured with QEMU 7.2). */
    public static final long OF_A_CONTEXT = 1024;

    /** Of this host, now; empty when the kernel does not tell. */
    public static Optional<AioRoom> ofThisHost() {
        return of(HostTree.ofThisHost());
    }

    static Optional<AioRoom> of(HostTree tree) {
        OptionalLong limit = tree.number(AioLimitCheck.LIMIT);
        OptionalLong used = tree.number(AioLimitCheck.USED);
        return limit.isPresent() && used.isPresent()
                ? Optional.of(new AioRoom(limit.getAsLong(), used.getAsLong()))
                : Optional.empty();
    }

    /** How many contexts more there is room for. */
    public long contexts() {
        return Math.max(0, limit - used) / OF_A_CONTEXT;
    }
}
