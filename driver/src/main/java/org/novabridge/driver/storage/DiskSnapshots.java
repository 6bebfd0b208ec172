package org.novabridge.driver.storage;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;

/**
 * Pictures of disks as they are at one moment, taken while a guest goes on writing. A picture has the id that its
 * caller gives it; it lives until {@link #remove} and is found by that id after a crash. Every call may be repeated.
 */
public interface DiskSnapshots {

    /** Takes the picture; the guest stands still meanwhile, so nothing is done here that could be done before or later. */
    @FunctionalInterface
    interface Taking {
        /** What can be done before the guest stands still, and need not be. */
        default void prepare() {}

        /** @throws BridgeException STORAGE_FULL, STORAGE_FAILED */
        void take(String id);
    }

    /**
     * Whether a picture can be taken now.
     *
     * @param taking how; null when only a stopped guest's disk can be copied
     * @param reason one sentence for the operator: why it can, or why it cannot
     */
    record Choice(@Nullable Taking taking, String reason) {}

    /**
     * Looks at the disk and for room, and sets it aside where it must be promised, for as long as the choice is used: what is
     * not taken by then others may have. Changes nothing else.
     *
     * @param use what is done with the choice; it is nobody's afterwards
     * @return what that returns
     * @throws BridgeException DISK_NOT_FOUND, VOLUME_GROUP_UNUSABLE, STORAGE_FAILED
     */
    <T> T choose(String instanceUuid, String diskName, Function<Choice, T> use);

    /**
     * Makes a taken picture readable; gives its device. Its content is raw.
     *
     * @throws BridgeException DISK_KEY_REFUSED, STORAGE_FAILED
     */
    Path open(String instanceUuid, String diskName, String id);

    /**
     * Why a picture that could not be read is worth nothing any more, in a sentence; empty when that is not the reason.
     */
    Optional<String> lost(String id);

    /** Removes it, wiped as configured where the disk itself would be; a missing one is success. */
    void remove(String id, Progress progress);
}
