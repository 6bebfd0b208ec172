package org.novabridge.driver.compute;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.compute.PendingMigration.Phase;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a migration, on the host that the instance comes from: it is confirmed and goes from here, or it comes back and
 * goes from the other host. What that host says decides, and it is written down before anything here follows from it, so that
 * a crash in between asks again or goes on, and never leaves two copies that may run.
 */
final class MigrationEnd {
    private static final Logger LOG = LoggerFactory.getLogger(MigrationEnd.class);

    private static final Set<ErrorCode> NOT_WHOLE =
            EnumSet.of(ErrorCode.INSTANCE_INVALID_STATE, ErrorCode.DISK_NOT_FOUND);

    /** What says only that nothing is done by this word; an earlier one may have been done, and its answer lost. */
    private static final Set<ErrorCode> NOT_NOW = EnumSet.of(ErrorCode.INSTANCE_NOT_FOUND, ErrorCode.INVALID_REQUEST);

    /** In the result of an operation that has not ended: whether a guest that Nova starts must run there. */
    private static final String RUNNING = "running";

    private final Parts parts;
    private final GuestPower power;
    private final GuestBuild build;
    private final GuestRemoval removal;
    private final RemoteBridge remote;

    MigrationEnd(Parts parts, GuestPower power, GuestBuild build, GuestRemoval removal, RemoteBridge remote) {
        this.parts = parts;
        this.power = power;
        this.build = build;
        this.removal = removal;
        this.remote = remote;
    }

    /**
     * The other host's copy stays; the instance goes from here with its disks.
     *
     * @param running a guest that ran must run there though Nova starts it; false leaves that to Nova, whose users may have
     *     stopped it
     */
    void confirm(Steps steps, boolean running) {
        steps.known(Map.of(RUNNING, running));
        InstanceRecord made = build.record(steps.instance());
        PendingMigration gone = gone(made);
        if (gone.phase() != Phase.CONFIRMED) {
            keep(steps, made, gone, running);
        }
        removal.release(steps);
    }

    /** For settlement: an instance that is gone was confirmed. */
    void finishConfirm(Steps steps) {
        if (parts.records().find(steps.instance()).isPresent()) {
            Object running = parts.operations().get(steps.id()).result().get(RUNNING);
            confirm(steps, !Boolean.FALSE.equals(running));
        }
    }

    private void keep(Steps steps, InstanceRecord made, PendingMigration gone, boolean running) {
        steps.step("have " + gone.host() + " keep the instance");
        save(made, gone, Phase.CONFIRMING);
        try {
            copy(made, gone).keep(running && gone.held() ? Boolean.TRUE : null);
        } catch (BridgeException e) {
            boolean first = gone.phase() == Phase.SENT;
            if (NOT_WHOLE.contains(e.code()) || (first && NOT_NOW.contains(e.code()))) {
                save(made, gone, Phase.SENT);
            } else if (e.code() == ErrorCode.INSTANCE_NOT_FOUND) {
                throw lostSight(made, gone, e);
            }
            throw e;
        }
        save(made, gone, Phase.CONFIRMED);
    }

    /** The other host's copy goes; the guest is this host's again, and runs if it ran. */
    void revert(Steps steps, MigrationRevert how) {
        InstanceRecord made = build.record(steps.instance());
        PendingMigration pending = made.migration();
        if (how.held() && (pending == null || !pending.fromHere())) {
            return;
        }
        PendingMigration gone = gone(made);
        if (gone.phase() == Phase.CONFIRMED) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "the migration of instance " + made.uuid() + " was confirmed, and " + gone.host() + " keeps it",
                    "finish that: nova-bridge instance migrate-confirm " + made.uuid());
        }
        if (!how.force()) {
            steps.step("have " + gone.host() + " remove the instance");
            if (!copy(made, gone).drop(how.idle() && gone.held() ? Boolean.FALSE : null)
                    && gone.phase() == Phase.CONFIRMING) {
                throw lostSight(made, gone, null);
            }
        }
        steps.step("remember that the instance is here");
        parts.records().save(made.migrating(null));
        if (!how.held() && gone.starts() && !power.runs(made.uuid())) {
            power.start(steps, "start the guest", false);
        }
    }

    /** It was kept there and went on or was deleted, or it was removed and that answer was lost: nobody here can know. */
    private static BridgeException lostSight(
            InstanceRecord made, PendingMigration gone, @Nullable BridgeException cause) {
        return new BridgeException(
                ErrorCode.INSTANCE_INVALID_STATE,
                "whether the migration of instance " + made.uuid() + " was confirmed is not known: an answer of "
                        + gone.host() + " was lost, and the instance is not there any more",
                "look where it is now. On another host, or deleted by its owner: nova-bridge instance delete "
                        + made.uuid() + ". Nowhere: nova-bridge instance migrate-revert " + made.uuid() + " --force",
                cause);
    }

    /**
     * Nova has a guest run here only when it takes it to be here: its migration failed, and no host has it running. The other
     * host is asked as in a revert.
     */
    void comeBack(Steps steps) {
        parts.records()
                .find(steps.instance())
                .filter(made -> made.owner() == InstanceOwner.NOVA)
                .ifPresent(made -> revert(steps, new MigrationRevert(false, true, false)));
    }

    /**
     * A removal here would leave the other host with a copy that nobody decides about. Nova decides by it: that copy goes as
     * well, and when that host does not answer Nova removes it itself, as what runs of a deleted instance.
     *
     * @throws BridgeException INSTANCE_INVALID_STATE for an operator's
     */
    void demandDecided(Steps steps) {
        String uuid = steps.instance();
        InstanceRecord made = parts.records().find(uuid).orElse(null);
        PendingMigration pending = made == null ? null : made.migration();
        if (made == null || pending == null || pending.phase() != Phase.SENT) {
            return;
        }
        if (made.owner() != InstanceOwner.NOVA) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "instance " + uuid + " has gone to " + pending.host() + ", and that waits to be decided",
                    "nova-bridge instance migrate-confirm " + uuid + ", or migrate-revert " + uuid);
        }
        steps.step("have " + pending.host() + " remove the instance");
        try {
            copy(made, pending).drop(null);
        } catch (BridgeException e) {
            LOG.warn("{} may still have instance {}, which goes from here: {}", pending.host(), uuid, e.getMessage());
        }
    }

    private static PendingMigration gone(InstanceRecord made) {
        PendingMigration pending = made.migration();
        if (pending == null || !pending.fromHere()) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "no migration of instance " + made.uuid() + " from this host waits to be confirmed or reverted",
                    "see nova-bridge instance show " + made.uuid());
        }
        return pending;
    }

    private RemoteCopy copy(InstanceRecord made, PendingMigration gone) {
        return new RemoteCopy(remote, gone.host(), new MigrationClaim(gone.migration(), made.uuid(), gone.token()));
    }

    private void save(InstanceRecord made, PendingMigration gone, Phase phase) {
        parts.records()
                .save(made.migrating(gone.in(phase, parts.clock().instant().toString())));
    }
}
