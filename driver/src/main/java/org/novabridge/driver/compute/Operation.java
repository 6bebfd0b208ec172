package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work as it stands now: an immutable picture, taken anew at each change.
 *
 * @param id opaque, unique for the life of the state path
 * @param instance uuid of the instance it works on; of a WIPE the name of the logical volume, of a REMOVE_UNUSED what
 *     it looks through, of a RECONCILE {@code host}, of a CACHE_IMAGE the id of the image
 * @param phase what is being done, in words an operator knows
 * @param percent 0 to 100 within the phase, negative when unknown
 * @param result JSON values only; {@code updates} in it are for the caller to save (design 4.3)
 * @param problem why it failed; null unless failed, cancelled or interrupted
 */
public record Operation(
        String id,
        Kind kind,
        String instance,
        Caller caller,
        State state,
        String phase,
        double percent,
        Instant created,
        Instant updated,
        Map<String, Object> result,
        @Nullable Problem problem) {
    public Operation {
        result = Collections.unmodifiableMap(new LinkedHashMap<>(result));
    }

    /** What is done. PREPARE, START, RESUME and STOP, RELEASE are the sequences of design 4.3. */
    public enum Kind {
        CREATE,
        PREPARE,
        START,
        RESUME,
        DELETE,
        STOP,
        RELEASE,
        REBOOT_SOFT,
        REBOOT_HARD,
        REDEFINE,
        POWER_OFF,
        POWER_ON,
        PAUSE,
        UNPAUSE,
        SUSPEND,
        SNAPSHOT,
        RESIZE,
        RESIZE_CONFIRM,
        RESIZE_REVERT,
        RESCUE,
        UNRESCUE,
        ATTACH_VOLUME,
        DETACH_VOLUME,
        EXTEND_VOLUME,
        /** Limits, I/O threads and their places as configured, in a guest that runs on. */
        APPLY_LIVE,
        /** Takes a volume from a running guest and gives it back as configured. */
        REPLUG_VOLUME,
        ATTACH_INTERFACE,
        DETACH_INTERFACE,
        /** The password of a user in the guest, set by its agent. */
        SET_PASSWORD,
        /** File systems of the guest frozen, for as long as its caller takes pictures of its volumes; and thawed. */
        QUIESCE,
        UNQUIESCE,
        /** A non-maskable interrupt, by which a guest that is set up for it dumps its memory. */
        CRASH_DUMP,
        /** Writes the record of a guest that Nova's own driver has made. */
        ADOPT,
        /** To another host, and there: room made and disks received, taken over, kept, removed again. */
        MIGRATE,
        MIGRATE_CONFIRM,
        MIGRATE_REVERT,
        MIGRATE_RECEIVE,
        MIGRATE_TAKE,
        MIGRATE_KEEP,
        MIGRATE_DROP,
        /** Wipes a disk that another operation has deleted, or goes on with it after a crash; not asked for by anybody. */
        WIPE,
        /** Removes base images in the volume group that are unused and old; not asked for by anybody. */
        REMOVE_UNUSED,
        /** Settles what is left and removes volumes that nothing knows. */
        RECONCILE,
        /** Brings an image into the cache before a guest needs it. */
        CACHE_IMAGE;

        /** {@code reboot-hard}: the word in answers. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** True when it is never cancelled or taken back: half of it is worse than none and than all. */
        boolean onlyForward() {
            return switch (this) {
                case DELETE, RELEASE, RESIZE_CONFIRM, RESIZE_REVERT, UNRESCUE, MIGRATE_CONFIRM -> true;
                default -> false;
            };
        }

        /**
         * False when a guest has the same ports and volumes before, during and after it, in its record and its definition.
         */
        boolean movesDevices() {
            return switch (this) {
                case POWER_OFF,
                        PAUSE,
                        UNPAUSE,
                        SUSPEND,
                        SNAPSHOT,
                        EXTEND_VOLUME,
                        APPLY_LIVE,
                        SET_PASSWORD,
                        QUIESCE,
                        UNQUIESCE,
                        CRASH_DUMP -> false;
                default -> true;
            };
        }

        /**
         * True when an interrupted one is settled at once and does not wait for its caller: its guest may be held, or would
         * get for a second time what it should get once.
         */
        boolean settledAtOnce() {
            return this == SNAPSHOT || this == QUIESCE || this == CRASH_DUMP;
        }
    }

    /** Where an operation is in its life. */
    public enum State {
        PENDING,
        RUNNING,
        DONE,
        FAILED,
        CANCELLED,
        /** The bridge went away in the middle; see design 4.6 for what happens next. */
        INTERRUPTED;

        /** {@code pending}, {@code running} … */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** True when nothing more happens to it by itself. */
        public boolean ended() {
            return this != PENDING && this != RUNNING;
        }
    }
}
