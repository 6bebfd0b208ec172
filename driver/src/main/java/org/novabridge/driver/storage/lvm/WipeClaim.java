package org.novabridge.driver.storage.lvm;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right of one worker of this process to wipe a volume, or to finish its growth, held until it is done. A removal,
 * the wipes that a crash has interrupted and {@code vg release} may all come upon the same volume; two of them on one
 * would end with the second removing what the first still writes to. Between processes blkdiscard's exclusive opening
 * of the device does the same.
 */
final class WipeClaim implements AutoCloseable {
    private static final Set<String> CLAIMED = ConcurrentHashMap.newKeySet();
    private static final Set<String> GIVEN_UP = ConcurrentHashMap.newKeySet();

    private final String volume;

    private WipeClaim(String volume) {
        this.volume = volume;
    }

    /** The claim on a volume; empty while somebody has it. */
    static Optional<WipeClaim> take(String group, String name) {
        String volume = group + "/" + name;
        if (!CLAIMED.add(volume)) {
            return Optional.empty();
        }
        GIVEN_UP.remove(volume);
        return Optional.of(new WipeClaim(volume));
    }

    /**
     * Whether the wipe of a volume that waits for one goes on, or will; false after one that ended badly or was
     * cancelled, which only the next start tries again.
     */
    static boolean expected(String group, String name) {
        return !GIVEN_UP.contains(group + "/" + name);
    }

    /** Whether somebody of this process is at it. */
    static boolean held(String group, String name) {
        return CLAIMED.contains(group + "/" + name);
    }

    /** Nobody of this process tries it again. */
    void giveUp() {
        GIVEN_UP.add(volume);
    }

    @Override
    public void close() {
        CLAIMED.remove(volume);
    }
}
