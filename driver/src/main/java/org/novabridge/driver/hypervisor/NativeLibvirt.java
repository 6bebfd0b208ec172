package org.novabridge.driver.hypervisor;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.Map;
import java.util.function.IntSupplier;
import org.libvirt.Connect;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt.VirErrorCallback;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's shared library in this process: loaded once, with its event loop running on a thread of
 * its own for the life of the JVM (libvirt cannot take the loop back) and before the first
 * connection is opened, as the embedded QEMU driver and keepalive want.
 *
 * <p>The calls stand in one interface per area of the C API. They are our own because the published
 * binding (0.5.4) lacks the ones with flags and state reasons, and because its error handling lets a
 * failure pass when libvirt left no error record; whoever calls checks the return value.
 */
final class NativeLibvirt {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibvirt.class);

    /** Whether this thread is in a call whose errors may quote a secret. */
    private static final ThreadLocal<Boolean> QUIETLY = ThreadLocal.withInitial(() -> false);

    /**
     * libvirt prints each error to stderr until it has a callback. It is held here for the life of the
     * JVM: libvirt would call a collected one.
     */
    private static final VirErrorCallback QUIET = (userData, error) -> {
        if (error != null && !QUIETLY.get()) {
            LOG.debug("libvirt error {} (domain {}): {}", error.code, error.domain, error.message);
        }
    };

    final LibvirtConnectionCalls connections;
    final LibvirtDomainCalls domains;
    final LibvirtEventCalls events;
    final LibvirtSecretCalls secrets;

    /** A call whose errors are not logged: what a guest says of a secret may be the secret. */
    int quietly(IntSupplier call) {
        QUIETLY.set(true);
        try {
            return call.getAsInt();
        } finally {
            QUIETLY.remove();
        }
    }

    private NativeLibvirt() {
        Map<String, ?> utf8 = Map.of(Library.OPTION_STRING_ENCODING, "UTF-8");
        connections = Native.load("virt", LibvirtConnectionCalls.class, utf8);
        domains = Native.load("virt", LibvirtDomainCalls.class, utf8);
        events = Native.load("virt", LibvirtEventCalls.class, utf8);
        secrets = Native.load("virt", LibvirtSecretCalls.class, utf8);
    }

    private NativeLibvirt(NativeLibvirt loaded, LibvirtDomainCalls domains) {
        connections = loaded.connections;
        this.domains = domains;
        events = loaded.events;
        secrets = loaded.secrets;
    }

    /** The same library with other answers to some calls. */
    NativeLibvirt with(LibvirtDomainCalls others) {
        return new NativeLibvirt(this, others);
    }

    /**
     * The library with what only QEMU has.
     *
     * @throws BridgeException NOT_SUPPORTED when it is not installed
     */
    LibvirtQemuCalls qemu() {
        try {
            return QemuHolder.LOADED;
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError | NoClassDefFoundError e) {
            throw new BridgeException(
                    ErrorCode.NOT_SUPPORTED,
                    "libvirt's library for QEMU cannot be loaded",
                    "install it (Debian: apt-get install libvirt0)",
                    e);
        }
    }

    /** Loaded when first asked for: few need it. */
    private static final class QemuHolder {
        static final LibvirtQemuCalls LOADED =
                Native.load("virt-qemu", LibvirtQemuCalls.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));
    }

    private static final class Holder {
        static final NativeLibvirt LOADED = load();
    }

    /**
     * The library, loaded and with its event loop running.
     *
     * @throws BridgeException HYPERVISOR_UNAVAILABLE when libvirt is not installed or cannot be loaded
     */
    static NativeLibvirt get() {
        try {
            return Holder.LOADED;
        } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new BridgeException(
                    ErrorCode.HYPERVISOR_UNAVAILABLE,
                    "libvirt's client library cannot be loaded: " + cause.getMessage(),
                    "install it (Debian: apt-get install libvirt0 libvirt-daemon-driver-qemu); if /tmp is mounted"
                            + " noexec, point jna.tmpdir to another folder",
                    cause);
        }
    }

    private static NativeLibvirt load() {
        NativeLibvirt library = new NativeLibvirt();
        try {
            Connect.setErrorCallback(QUIET);
            // Registers libvirt's default event loop; must come before the first open.
            org.libvirt.Library.initEventLoop();
        } catch (LibvirtException e) {
            throw new IllegalStateException("libvirt's event loop cannot be registered: " + e.getMessage(), e);
        }
        Thread loop = new Thread(library::turn, "libvirt-event-loop");
        loop.setDaemon(true);
        loop.start();
        return library;
    }

    /** One turn after the other; a failing turn is not repeated at full speed. */
    private void turn() {
        while (true) {
            if (events.virEventRunDefaultImpl() < 0) {
                LOG.warn("a turn of libvirt's event loop failed: {}", LibvirtErrors.lastMessage());
                try {
                    Thread.sleep(200);
                } catch (InterruptedException e) {
                    // Nobody may end this thread: without it no event and no keepalive is seen again.
                    LOG.debug("interrupt of libvirt's event loop ignored");
                }
            }
        }
    }
}
