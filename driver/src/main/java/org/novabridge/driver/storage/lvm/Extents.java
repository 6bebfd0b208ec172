package org.novabridge.driver.storage.lvm;

import java.util.Locale;

/**
 * What free extents of a volume group hold, and so what has to be done with those that a disk gets.
 *
 * @param why in a sentence, for operators
 */
public record Extents(State state, String why) {
    /** What is known. */
    public enum State {
        /** Zeroes: nothing is zeroed, and an image is written without its holes. */
        CLEAN,
        /** Anything, also data of other guests: what a disk's content does not cover is zeroed. */
        DIRTY,
        /** Anything, and nobody minds. */
        SHARED;

        /** For operators. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    boolean clean() {
        return state == State.CLEAN;
    }
}
