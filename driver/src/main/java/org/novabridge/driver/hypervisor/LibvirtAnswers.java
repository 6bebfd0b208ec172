package org.novabridge.driver.hypervisor;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** What libvirt's functions return, and what it means that they have failed. */
final class LibvirtAnswers {
    private LibvirtAnswers() {}

    /** @throws HypervisorException for a negative number */
    static int check(int result, String what) {
        if (result < 0) {
            throw LibvirtErrors.last(what);
        }
        return result;
    }

    /**
     * A text that is the caller's to free, freed.
     *
     * @throws HypervisorException when there is none
     */
    static String text(@Nullable Pointer owned, String what) {
        if (owned == null) {
            throw LibvirtErrors.last(what);
        }
        try {
            return owned.getString(0, "UTF-8");
        } finally {
            Native.free(Pointer.nativeValue(owned));
        }
    }
}
