package org.novabridge.driver.hypervisor;

import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.ErrorCode;

/** A domain object of libvirt's that is given back when done. */
record DomainHandle(NativeLibvirt libvirt, Pointer pointer) implements AutoCloseable {

    /** The domain with this UUID, or null when libvirt knows none. */
    static @Nullable DomainHandle find(NativeLibvirt libvirt, Pointer connection, String uuid) {
        Pointer domain = libvirt.domains.virDomainLookupByUUIDString(connection, uuid);
        if (domain == null) {
            HypervisorException failure = LibvirtErrors.last("looking for the domain " + uuid);
            if (failure.code() == ErrorCode.INSTANCE_NOT_FOUND) {
                return null;
            }
            throw failure;
        }
        return new DomainHandle(libvirt, domain);
    }

    @Override
    public void close() {
        libvirt.domains.virDomainFree(pointer);
    }
}
