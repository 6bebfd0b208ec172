package org.novabridge.driver.hypervisor;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Pointer;
import org.jspecify.annotations.Nullable;

/** libvirt-event.h and the event part of libvirt-domain.h. Callbacks run on the event loop's thread. */
interface LibvirtEventCalls extends Library {
    int EVENT_LIFECYCLE = 0;
    int EVENT_REBOOT = 1;
    int EVENT_IO_ERROR_REASON = 6;

    int virEventRunDefaultImpl();

    /** The number of the registration, or negative. */
    int virConnectDomainEventRegisterAny(
            Pointer connection,
            @Nullable Pointer domain,
            int eventId,
            Callback callback,
            @Nullable Pointer opaque,
            @Nullable Pointer freeCallback);

    int virConnectDomainEventDeregisterAny(Pointer connection, int registration);

    int virConnectRegisterCloseCallback(
            Pointer connection, CloseCallback callback, @Nullable Pointer opaque, @Nullable Pointer freeCallback);

    int virConnectUnregisterCloseCallback(Pointer connection, CloseCallback callback);

    /** A domain changed its state ({@code virDomainEventType} and its detail). */
    interface LifecycleCallback extends Callback {
        int lifecycle(Pointer connection, Pointer domain, int event, int detail, @Nullable Pointer opaque);
    }

    /** The guest rebooted itself. */
    interface RebootCallback extends Callback {
        void reboot(Pointer connection, Pointer domain, @Nullable Pointer opaque);
    }

    /** A disk of the guest had an I/O error; action 0 none, 1 guest paused, 2 reported to the guest. */
    interface IoErrorCallback extends Callback {
        void ioError(
                Pointer connection,
                Pointer domain,
                @Nullable String path,
                @Nullable String alias,
                int action,
                @Nullable String reason,
                @Nullable Pointer opaque);
    }

    /** The connection is gone; reason 0 error, 1 end of file, 2 keepalive, 3 by the client. */
    interface CloseCallback extends Callback {
        void closed(Pointer connection, int reason, @Nullable Pointer opaque);
    }
}
