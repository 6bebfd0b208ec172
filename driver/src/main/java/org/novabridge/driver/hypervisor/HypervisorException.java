package org.novabridge.driver.hypervisor;

import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** libvirt refused or failed: its numbers stay readable for those who decide by them. */
public final class HypervisorException extends BridgeException {
    private static final long serialVersionUID = 1L;

    private final int libvirtCode;
    private final int libvirtDomain;

    HypervisorException(ErrorCode code, String message, @Nullable String remedy, int libvirtCode, int libvirtDomain) {
        super(code, message, remedy);
        this.libvirtCode = libvirtCode;
        this.libvirtDomain = libvirtDomain;
    }

    /** {@code virErrorNumber}; 0 when libvirt left no error record. */
    public int libvirtCode() {
        return libvirtCode;
    }

    /** {@code virErrorDomain}: which part of libvirt spoke. */
    public int libvirtDomain() {
        return libvirtDomain;
    }
}
