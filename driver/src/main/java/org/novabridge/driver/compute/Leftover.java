package org.novabridge.driver.compute;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Something that does not fit to the rest of the host.
 *
 * @param name the volume's, the folder's, the operation's id, or the instance's uuid
 * @param instance uuid; empty when it is of none
 * @param message what is wrong, for operators
 * @param remedy what to do about it
 * @param removable a volume of ours that nothing knows: it is removed when it is asked for by name
 */
public record Leftover(Kind kind, String name, String instance, String message, String remedy, boolean removable) {

    /** The closed list of what is found. */
    public enum Kind {
        /** An instance that was made here, and libvirt has no domain of it. */
        RECORD_WITHOUT_DOMAIN,
        /** A domain with disks of ours, and the bridge has no record of it. */
        DOMAIN_WITHOUT_RECORD,
        /** A folder of an instance that is neither recorded nor a domain. */
        FOLDER_WITHOUT_INSTANCE,
        /** A volume of ours that nothing knows. */
        VOLUME_UNKNOWN,
        /** A volume called as a disk of an instance that is not here; not ours, so never touched. */
        VOLUME_NOT_OURS,
        /** A disk of an instance that is here, in its name, and not in its record. */
        VOLUME_NOT_RECORDED,
        /** A base image that no instance and no volume needs. */
        BASE_UNUSED,
        /** A deleted disk whose wipe nobody is at. */
        WIPE_WAITS,
        /** An operation that has ended and could not take back all that it had done. */
        OPERATION_LEFT;

        /** {@code volume-unknown}: the word in answers. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
