package org.novabridge.driver.compute;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * File systems of a guest that stay frozen while somebody else takes pictures of its volumes
 * (nova/virt/libvirt/driver.py 26.2.2, {@code quiesce} and {@code unquiesce}).
 *
 * <p>With Nova a guest stays frozen for ever when who has asked for it does not come to the end. Here it stands in the
 * journal, and ends with {@link #unquiesce}, after {@code quiesce_timeout}, with the next start of the bridge, and before
 * the guest is paused, saved or asked to shut down: its agent could not end it any more.
 */
final class GuestQuiesce {
    private static final Logger LOG = LoggerFactory.getLogger(GuestQuiesce.class);

    /** What a freezing leaves to be ended. */
    private static final Predicate<Undo> FREEZING = Undo.Unquiesce.class::isInstance;

    private static final Duration RETRY = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofHours(1);

    private final Parts parts;

    GuestQuiesce(Parts parts) {
        this.parts = parts;
    }

    /**
     * Freezes them.
     *
     * @throws BridgeException GUEST_AGENT_NOT_ENABLED, INSTANCE_NOT_RUNNING, INSTANCE_INVALID_STATE when they are frozen
     *     already; NOT_SUPPORTED, HYPERVISOR_FAILED when the guest's agent does not do it
     */
    Map<String, Object> quiesce(Steps steps, InstanceSpec spec) {
        String uuid = steps.instance();
        steps.step("look at the guest");
        GuestAgent.of(spec).demand(uuid);
        GuestAgent.demandRunning(parts.hypervisor(), uuid, "answer");
        if (parts.operations().holds(uuid, FREEZING)) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "the file systems of instance " + uuid + " are frozen already, for somebody else",
                    "ask again when that has ended, or end it: nova-bridge instance unquiesce " + uuid);
        }
        // One that is still to be ended, though nobody holds it any more, would end this one.
        forget(steps);
        Duration longest = parts.patience().get().quiesce();
        steps.step(
                "freeze the guest's file systems",
                new Undo.Unquiesce(parts.clock().instant().plus(longest).toString()));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("frozen_file_systems", parts.hypervisor().freeze(uuid));
        result.put("longest_seconds", longest.toSeconds());
        return result;
    }

    /**
     * Thaws them. The result says whether they were frozen until now: else what was made meanwhile is of less use.
     *
     * @throws BridgeException as {@link #quiesce}
     */
    Map<String, Object> unquiesce(Steps steps, InstanceSpec spec) {
        String uuid = steps.instance();
        steps.step("look at the guest");
        GuestAgent.of(spec).demand(uuid);
        GuestAgent.demandRunning(parts.hypervisor(), uuid, "answer");
        boolean held = parts.operations().holds(uuid, FREEZING);
        steps.step("thaw the guest's file systems");
        parts.hypervisor().thaw(uuid);
        forget(steps);
        return Map.of("held", held);
    }

    /** What ends a freezing that nobody is to hold longer than its own operation. */
    Undo fromNowOn() {
        return new Undo.Unquiesce(parts.clock().instant().toString());
    }

    /** Before the guest stands still or ends: nobody could thaw it then. */
    void letGo(Steps steps) {
        if (parts.operations().owes(steps.instance(), FREEZING)) {
            steps.step("thaw the guest's file systems, which were frozen for somebody");
            thaw(steps.instance());
            forget(steps);
        }
    }

    /** The guest has begun anew: nothing of it is frozen. */
    void forget(Steps steps) {
        parts.operations().forget(steps, FREEZING);
    }

    /** The guest goes on: what could not be thawed while it stood still is now. */
    void retry(Steps steps) {
        parts.operations().retryLeft(steps.instance(), FREEZING);
    }

    /**
     * For a freezing that nobody else has ended. An agent that was slow to freeze answers again when it has: it is asked
     * after a minute, and again each time that as much time as until then has passed, for an hour.
     *
     * @throws BridgeException INSTANCE_INVALID_STATE when the guest must go on first, or what libvirt says
     */
    void end(Steps steps, Undo.Unquiesce standing) {
        String uuid = steps.instance();
        Optional<Guest> guest = parts.hypervisor().find(uuid);
        if (guest.filter(GuestQuiesce::still).isPresent()) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "guest " + uuid + " stands still; its file systems are thawed when it goes on");
        }
        if (guest.filter(GuestPower::active).isEmpty()) {
            return;
        }
        try {
            parts.hypervisor().thaw(uuid);
            LOG.info("instance {}: its file systems are thawed", uuid);
        } catch (BridgeException e) {
            Instant now = parts.clock().instant();
            if (e.code() == ErrorCode.NOT_SUPPORTED
                    || now.isAfter(standing.standsUntil().plus(PATIENCE))) {
                LOG.warn("instance {}: its file systems could not be thawed: {}", uuid, e.getMessage());
                return;
            }
            Duration sinceThen = Duration.between(standing.standsUntil(), now);
            parts.operations().takeBackAt(steps.id(), now.plus(sinceThen.compareTo(RETRY) > 0 ? sinceThen : RETRY));
            throw e;
        }
    }

    private static boolean still(Guest guest) {
        return guest.state() == GuestState.PAUSED || (!GuestPower.active(guest) && guest.hasManagedSave());
    }

    /** A guest without an agent that answers has frozen nothing, or nobody can thaw it. */
    void thaw(String uuid) {
        if (parts.hypervisor().find(uuid).filter(GuestPower::active).isEmpty()) {
            return;
        }
        try {
            parts.hypervisor().thaw(uuid);
        } catch (BridgeException e) {
            if (e.code() == ErrorCode.HYPERVISOR_UNAVAILABLE) {
                throw e;
            }
            LOG.warn("instance {}: its file systems could not be thawed: {}", uuid, e.getMessage());
        }
    }
}
