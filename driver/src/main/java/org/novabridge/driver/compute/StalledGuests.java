package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestEvent;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.lvm.PoolRoom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guests that QEMU has stopped because a write found their thin pool full: they go on when the pool has room again, by
 * an operation that says why. libvirt is asked at each look, so that those are found too that were stopped while no
 * bridge ran. Left alone are guests that somebody has paused, that another error has stopped, and that also wait for a
 * disk that is elsewhere. Safe for use by several threads.
 */
final class StalledGuests {
    private static final Logger LOG = LoggerFactory.getLogger(StalledGuests.class);

    private final Parts parts;
    private final GuestPower power;
    private final Consumer<HostEvent> events;

    /** Those that were told of, until they go on: QEMU tells of every write that was on its way. */
    private final Set<String> told = new HashSet<>();

    StalledGuests(Parts parts, GuestPower power, Consumer<HostEvent> events) {
        this.parts = parts;
        this.power = power;
        this.events = events;
    }

    /**
     * Tells of a guest whose write found no space.
     *
     * @return true when it was not told before: the pool is to be looked at soon
     */
    boolean heard(GuestEvent event) {
        return event.noSpace() && tell(event.uuid(), "a write of it found no space: " + event.detail());
    }

    private synchronized boolean tell(String uuid, String why) {
        if (!told.add(uuid)) {
            return false;
        }
        LOG.error("guest {} is stopped: {}", uuid, why);
        events.accept(
                new HostEvent(HostEvent.Kind.OUT_OF_SPACE, uuid, parts.clock().instant(), Map.of("message", why)));
        return true;
    }

    private synchronized void over(String uuid) {
        if (told.remove(uuid)) {
            events.accept(HostEvent.ofGuest(
                    HostEvent.Kind.OUT_OF_SPACE_OVER, uuid, parts.clock().instant()));
        }
    }

    private synchronized void overForAllBut(Set<String> stopped) {
        Set.copyOf(told).stream().filter(uuid -> !stopped.contains(uuid)).forEach(this::over);
    }

    private synchronized boolean noneTold() {
        return told.isEmpty();
    }

    /**
     * Looks for those that wait, and lets them go on when they can.
     *
     * @param room what the thin pool was just seen to have; empty where there is none
     * @return true when some wait
     * @throws BridgeException when libvirt cannot be asked
     */
    boolean look(Optional<PoolRoom> room) {
        if (room.isEmpty() && noneTold()) {
            return false;
        }
        List<DiskStall> waiting = new ArrayList<>();
        Set<String> stopped = new HashSet<>();
        for (Guest guest : parts.hypervisor().list()) {
            DiskStall.of(parts, guest).ifPresent(stall -> {
                stopped.add(guest.uuid());
                if (room.filter(pool -> stall.waitsForSpaceIn(pool.group())).isPresent()) {
                    waiting.add(stall);
                }
            });
        }
        overForAllBut(stopped);
        for (DiskStall stall : waiting) {
            tell(stall.instance(), stall.sentence());
            room.filter(PoolRoom::enough).ifPresent(pool -> goOn(stall.instance(), pool));
        }
        return !waiting.isEmpty();
    }

    /** One that is being worked on waits for the next look: what is done to it may be why it stands. */
    private void goOn(String uuid, PoolRoom pool) {
        if (parts.operations().busy(uuid)) {
            return;
        }
        parts.operations().submit(Operation.Kind.UNPAUSE, uuid, Caller.BRIDGE, RequestKey.NONE, steps -> {
            try (Locks.Held unused = parts.locks().take(Locks.Level.INSTANCE, uuid)) {
                return goOn(steps, pool);
            }
        });
    }

    private Map<String, Object> goOn(Steps steps, PoolRoom pool) {
        Optional<DiskStall> still = parts.hypervisor()
                .find(steps.instance())
                .flatMap(guest -> DiskStall.of(parts, guest))
                .filter(stall -> stall.waitsForSpaceIn(pool.group()));
        if (still.isEmpty()) {
            return Map.of("reason", "it did not wait for space any more");
        }
        String reason = String.join(", ", still.get().full()) + " had found thin pool " + pool.pool()
                + " full, which now has " + pool.free() + " bytes free; QEMU sends the writes again";
        steps.known(Map.of("reason", reason));
        // Before it goes on: its next write may find the pool full again, and that is told anew.
        over(steps.instance());
        power.unpause(steps);
        LOG.info("guest {} goes on: {}", steps.instance(), reason);
        return Map.of("reason", reason);
    }
}
