package org.novabridge.driver.hypervisor;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** libvirt's numbers for states and events, in our words. */
final class LibvirtCodes {
    /** {@code virDomainEventType}, in its order; empty: said by another event as well. */
    private static final List<Optional<GuestEvent.Kind>> LIFECYCLE = List.of(
            Optional.of(GuestEvent.Kind.DEFINED),
            Optional.of(GuestEvent.Kind.UNDEFINED),
            Optional.of(GuestEvent.Kind.STARTED),
            Optional.of(GuestEvent.Kind.PAUSED),
            Optional.of(GuestEvent.Kind.RESUMED),
            Optional.of(GuestEvent.Kind.STOPPED),
            // SHUTDOWN: the guest has finished, STOPPED follows when QEMU is gone.
            Optional.empty(),
            Optional.of(GuestEvent.Kind.SUSPENDED),
            Optional.of(GuestEvent.Kind.CRASHED));

    private static final Map<GuestEvent.Kind, List<String>> DETAILS = Map.of(
            GuestEvent.Kind.DEFINED, List.of("added", "updated", "renamed", "from snapshot"),
            GuestEvent.Kind.UNDEFINED, List.of("removed", "renamed"),
            GuestEvent.Kind.STARTED, List.of("booted", "migrated", "restored", "from snapshot", "wakeup"),
            GuestEvent.Kind.PAUSED,
                    List.of(
                            "paused",
                            "migrated",
                            "ioerror",
                            "watchdog",
                            "restored",
                            "from snapshot",
                            "api error",
                            "postcopy",
                            "postcopy failed"),
            GuestEvent.Kind.RESUMED, List.of("unpaused", "migrated", "from snapshot", "postcopy"),
            GuestEvent.Kind.STOPPED,
                    List.of("shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot"),
            GuestEvent.Kind.SUSPENDED, List.of("memory", "disk"),
            GuestEvent.Kind.CRASHED, List.of("panicked", "crashloaded"));

    private LibvirtCodes() {}

    /**
     * A {@code virDomainState} as Nova maps it (LIBVIRT_POWER_STATE in nova/virt/libvirt/guest.py
     * 26.2.2): a guest that is shutting down counts as shut down, a blocked one as running.
     */
    static GuestState state(int virDomainState) {
        return switch (virDomainState) {
            case 1, 2 -> GuestState.RUNNING;
            case 3 -> GuestState.PAUSED;
            case 4, 5 -> GuestState.SHUTDOWN;
            case 6 -> GuestState.CRASHED;
            case 7 -> GuestState.SUSPENDED;
            default -> GuestState.NOSTATE;
        };
    }

    /** VIR_DOMAIN_SHUTOFF: the running id that the look-up before it has told is none any more. */
    static boolean off(int virDomainState) {
        return virDomainState == 5;
    }

    /** VIR_DOMAIN_PAUSED with the reason VIR_DOMAIN_PAUSED_IOERROR. */
    static boolean stoppedByDisk(int virDomainState, int reason) {
        return virDomainState == 3 && reason == 5;
    }

    /** The kind of a lifecycle event; empty for one that carries nothing new, or one younger than us. */
    static Optional<GuestEvent.Kind> lifecycle(int event) {
        return event >= 0 && event < LIFECYCLE.size() ? LIFECYCLE.get(event) : Optional.empty();
    }

    /** The word for a detail; the number for one that is younger than us. */
    static String detail(GuestEvent.Kind kind, int detail) {
        List<String> words = DETAILS.getOrDefault(kind, List.of());
        return detail >= 0 && detail < words.size() ? words.get(detail) : Integer.toString(detail);
    }

    /** Why a connection was closed ({@code virConnectCloseReason}). */
    static String closeReason(int reason) {
        return switch (reason) {
            case 0 -> "an error on the connection";
            case 1 -> "libvirt ended the connection";
            case 2 -> "libvirt did not answer keepalive messages";
            case 3 -> "closed by this process";
            default -> "close reason " + reason;
        };
    }
}
