package org.novabridge.driver.hypervisor;

import com.sun.jna.Pointer;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open connection, counted: it is closed when it was told so and the last call on it has
 * returned, because libvirt frees the object at once and a call still inside would touch freed memory.
 */
final class BridgeConnection {
    private static final Logger LOG = LoggerFactory.getLogger(BridgeConnection.class);

    private final Opened opened;
    private int uses = 1;
    private boolean closing;

    private BridgeConnection(Opened opened) {
        this.opened = opened;
    }

    /**
     * Opens the connection; blocks as long as libvirt does.
     *
     * @throws org.novabridge.driver.model.BridgeException HYPERVISOR_UNAVAILABLE
     */
    static BridgeConnection open(String uri) {
        try {
            return new BridgeConnection(new Opened(uri));
        } catch (LibvirtException e) {
            var error = e.getError();
            throw unavailable(uri, String.valueOf(error == null ? e.getMessage() : error.getMessage()));
        }
    }

    private static HypervisorException unavailable(String uri, String why) {
        return new HypervisorException(
                ErrorCode.HYPERVISOR_UNAVAILABLE,
                "libvirt cannot be reached at " + LibvirtSettings.shown(uri) + ": " + why,
                remedy(why),
                0,
                0);
    }

    private static String remedy(String why) {
        if (why.contains("Failed to parse user") || why.contains("Failed to parse group")) {
            return "Debian's libvirt wants its user even when another one is configured: apt-get install"
                    + " libvirt-daemon-system, or useradd --system --gid kvm --home-dir /var/lib/libvirt"
                    + " --shell /usr/sbin/nologin libvirt-qemu (and groupadd --system libvirt-qemu)";
        }
        return "check that libvirt is running and that the service may reach it ([libvirt]connection_uri)";
    }

    /** libvirt's own pointer, valid between {@link #acquire} and {@link #release}. */
    Pointer pointer() {
        return opened.pointer();
    }

    /** Takes a use; false when the connection is closed or being closed. */
    synchronized boolean acquire() {
        if (closing) {
            return false;
        }
        uses++;
        return true;
    }

    synchronized void release() {
        uses--;
        if (uses == 0) {
            opened.closeNow();
        }
    }

    /** Closes it when nobody is inside any more. */
    synchronized void close() {
        if (!closing) {
            closing = true;
            release();
        }
    }

    /** The binding keeps the native pointer protected; a subclass may read it. */
    private static final class Opened extends Connect {
        Opened(String uri) throws LibvirtException {
            super(uri);
            if (vcp == null) {
                throw unavailable(uri, LibvirtErrors.lastMessage());
            }
        }

        Pointer pointer() {
            return vcp.getPointer();
        }

        void closeNow() {
            try {
                int left = close();
                if (left > 0) {
                    LOG.debug("libvirt keeps {} references to a closed connection", left);
                }
            } catch (LibvirtException e) {
                LOG.debug("closing the connection: {}", e.getMessage());
            }
        }
    }
}
