package org.novabridge.driver.hypervisor;

import org.jspecify.annotations.Nullable;
import org.libvirt.Error.ErrorDomain;
import org.libvirt.Error.ErrorNumber;
import org.libvirt.jna.Libvirt;
import org.libvirt.jna.virError;
import org.novabridge.driver.model.ErrorCode;

/**
 * What libvirt's error record of this thread means to us. Read at once after the failing call, on
 * the thread that made it: libvirt keeps the record per thread and overwrites it with the next call.
 */
final class LibvirtErrors {
    private static final int EBUSY = 16;
    /** VIR_ERR_DEVICE_MISSING, which the binding does not know. */
    private static final int DEVICE_MISSING = 99;

    private LibvirtErrors() {}

    /** The text of the last error of this thread, or a stand-in. */
    static String lastMessage() {
        virError last = Libvirt.INSTANCE.virGetLastError();
        return last == null || last.message == null ? "no error record" : last.message;
    }

    /**
     * The failure that has just happened on this thread.
     *
     * @param what what was asked, for the operator: {@code starting the domain <uuid>}
     */
    static HypervisorException last(String what) {
        virError last = Libvirt.INSTANCE.virGetLastError();
        if (last == null) {
            return describe(what, 0, 0, null, 0);
        }
        return describe(what, last.code, last.domain, last.message, last.int1);
    }

    static HypervisorException describe(String what, int code, int domain, @Nullable String text, int systemError) {
        String message = what + " failed: " + (text == null ? "libvirt gave no reason" : text.strip())
                + " (libvirt error " + code + ", domain " + domain + ")";
        ErrorCode ours = classify(code, domain, systemError);
        return new HypervisorException(ours, message, remedy(ours, code), code, domain);
    }

    /**
     * The connection itself is gone: the same codes by which Nova decides (nova/virt/libvirt/host.py
     * 26.2.2, {@code _test_connection}), and the two that libvirt uses for a closed connection object.
     */
    static boolean connectionLost(int code, int domain) {
        ErrorNumber number = number(code);
        if (number == ErrorNumber.VIR_ERR_NO_CONNECT || number == ErrorNumber.VIR_ERR_INVALID_CONN) {
            return true;
        }
        boolean transport =
                domain == ErrorDomain.VIR_FROM_REMOTE.ordinal() || domain == ErrorDomain.VIR_FROM_RPC.ordinal();
        return transport
                && (number == ErrorNumber.VIR_ERR_SYSTEM_ERROR
                        || number == ErrorNumber.VIR_ERR_INTERNAL_ERROR
                        || number == ErrorNumber.VIR_ERR_RPC);
    }

    static ErrorCode classify(int code, int domain, int systemError) {
        if (connectionLost(code, domain)) {
            return ErrorCode.HYPERVISOR_UNAVAILABLE;
        }
        return switch (number(code)) {
            case VIR_ERR_NO_DOMAIN -> ErrorCode.INSTANCE_NOT_FOUND;
            case VIR_ERR_DOM_EXIST -> ErrorCode.INSTANCE_EXISTS;
            case VIR_ERR_OPERATION_INVALID -> ErrorCode.INSTANCE_INVALID_STATE;
            case VIR_ERR_NO_SUPPORT, VIR_ERR_OPERATION_UNSUPPORTED, VIR_ERR_ARGUMENT_UNSUPPORTED ->
                ErrorCode.NOT_SUPPORTED;
            // virProcessKillPainfully: the process did not go, most often because it hangs in the kernel on I/O.
            case VIR_ERR_SYSTEM_ERROR ->
                systemError == EBUSY ? ErrorCode.POWER_OFF_FAILED : ErrorCode.HYPERVISOR_FAILED;
            default -> ErrorCode.HYPERVISOR_FAILED;
        };
    }

    private static @Nullable String remedy(ErrorCode ours, int code) {
        if (ours == ErrorCode.HYPERVISOR_UNAVAILABLE) {
            return "check that libvirt is running and that the service may reach it ([libvirt]connection_uri)";
        }
        if (ours == ErrorCode.POWER_OFF_FAILED) {
            return "look for QEMU in state D and for a storage device that does not answer, then try again";
        }
        if (number(code) == ErrorNumber.VIR_ERR_XML_INVALID_SCHEMA || number(code) == ErrorNumber.VIR_ERR_XML_DETAIL) {
            return "the domain document does not fit the installed libvirt; compare it with 'disks render'";
        }
        return null;
    }

    /**
     * Whether a device that was to be taken away is not there, or on its way already: the same words by which Nova decides
     * (nova/virt/libvirt/driver.py 26.2.2, {@code _detach_sync}).
     */
    static boolean goneOrGoing(HypervisorException failure) {
        String said = String.valueOf(failure.getMessage());
        return failure.libvirtCode() == DEVICE_MISSING
                || (number(failure.libvirtCode()) == ErrorNumber.VIR_ERR_OPERATION_FAILED && said.contains("not found"))
                || (number(failure.libvirtCode()) == ErrorNumber.VIR_ERR_INTERNAL_ERROR
                        && said.contains("already in the process of unplug"));
    }

    static ErrorNumber number(int code) {
        ErrorNumber[] all = ErrorNumber.values();
        return code >= 0 && code < all.length ? all[code] : ErrorNumber.VIR_ERR_UNKNOWN;
    }
}
