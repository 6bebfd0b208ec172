package org.novabridge.driver.hypervisor;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/** {@code virDomainDiskError[]}: a pointer to the target's name, then an int. */
final class DiskErrorArray {
    /** The int is followed by padding, so that the next pointer is aligned. */
    private static final int SIZE = 2 * Native.POINTER_SIZE;

    private DiskErrorArray() {}

    /** Asks for those of a running domain. */
    static List<DiskError> of(NativeLibvirt libvirt, Pointer domain, String what) {
        int disks = libvirt.domains.virDomainGetDiskErrors(domain, null, 0, 0);
        if (disks == 0) {
            return List.of();
        }
        if (disks < 0) {
            throw LibvirtErrors.last(what);
        }
        try (Memory array = new Memory((long) SIZE * disks)) {
            array.clear();
            int filled = libvirt.domains.virDomainGetDiskErrors(domain, array, disks, 0);
            if (filled < 0) {
                throw LibvirtErrors.last(what);
            }
            return read(array, filled);
        }
    }

    private static List<DiskError> read(Memory array, int filled) {
        List<DiskError> errors = new ArrayList<>();
        for (int i = 0; i < filled; i++) {
            long at = (long) i * SIZE;
            Pointer target = array.getPointer(at);
            boolean noSpace = array.getInt(at + Native.POINTER_SIZE) == LibvirtDomainCalls.DISK_ERROR_NO_SPACE;
            errors.add(new DiskError(target.getString(0, "UTF-8"), noSpace));
            Native.free(Pointer.nativeValue(target));
        }
        return errors;
    }
}
