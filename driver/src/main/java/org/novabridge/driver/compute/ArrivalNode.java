package org.novabridge.driver.compute;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.novabridge.driver.compute.Operation.Kind;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Migrations to this host: each word of the source becomes an operation. */
final class ArrivalNode implements TransferService {
    private final Parts parts;
    private final GuestArrival arrival;
    private final Map<String, ArrivalSession> sessions = new ConcurrentHashMap<>();

    /** @param patience how long nothing may be heard of a source */
    static ArrivalNode of(Parts parts, Supplier<Duration> patience) {
        GuestKeys keys = new GuestKeys(parts);
        GuestPower power = new GuestPower(parts, keys, new GuestQuiesce(parts));
        return new ArrivalNode(
                parts,
                new GuestArrival(
                        parts,
                        new GuestBuild(parts, power, keys),
                        new GuestRemoval(parts, power, keys),
                        keys,
                        patience));
    }

    private ArrivalNode(Parts parts, GuestArrival arrival) {
        this.parts = parts;
        this.arrival = arrival;
    }

    @Override
    public Operation offer(Caller caller, MigrationOffer unchecked) {
        MigrationOffer offer = unchecked.checked();
        if (caller.role() == Caller.Role.NOVA && offer.ownerHere() == InstanceOwner.OPERATOR) {
            throw new BridgeException(
                    ErrorCode.FORBIDDEN,
                    "user " + caller.name() + " may bring Nova's instances here, and this one is an operator's",
                    "set [nova_bridge] transfer_user = root on the host that it comes from");
        }
        demandAbsent(offer.instance());
        ArrivalSession session = new ArrivalSession(
                MigrationToken.hash(offer.token()),
                offer.disks().stream().mapToLong(MigrationOffer.Disk::size).sum());
        if (sessions.putIfAbsent(offer.migration(), session) != null) {
            throw new BridgeException(ErrorCode.INSTANCE_INVALID_STATE, "the migration was offered already");
        }
        try {
            return submit(Kind.MIGRATE_RECEIVE, caller, offer.instance(), steps -> {
                try {
                    return arrival.receive(steps, offer, session);
                } finally {
                    session.close();
                    sessions.remove(offer.migration());
                }
            });
        } catch (RuntimeException e) {
            sessions.remove(offer.migration());
            throw e;
        }
    }

    /** At once: on the host that it comes from, it would wait in the queue of the instance for the migration itself. */
    private void demandAbsent(String uuid) {
        if (parts.knows(uuid)) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_EXISTS,
                    "instance " + uuid + " exists on the host where it is to go",
                    "name another host");
        }
    }

    @Override
    public void frames(String migration, String token, byte[] frames) {
        ArrivalSession session = Optional.ofNullable(sessions.get(migration))
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.INSTANCE_INVALID_STATE, "no disks are expected of this migration now"));
        if (!session.admits(token)) {
            throw new BridgeException(ErrorCode.FORBIDDEN, "the token is another migration's");
        }
        session.feed(frames);
    }

    @Override
    public Operation take(Caller caller, MigrationClaim claim) {
        MigrationClaim checked = claim.checked();
        return submit(Kind.MIGRATE_TAKE, caller, checked.instance(), steps -> arrival.take(steps, checked));
    }

    @Override
    public Operation keep(Caller caller, MigrationClaim claim) {
        MigrationClaim checked = claim.checked();
        return submit(Kind.MIGRATE_KEEP, caller, checked.instance(), Work.of(steps -> arrival.keep(steps, checked)));
    }

    @Override
    public Operation drop(Caller caller, MigrationClaim claim) {
        MigrationClaim checked = claim.checked();
        ArrivalSession session = sessions.get(checked.migration());
        if (session != null && session.admits(checked.token())) {
            session.abandon();
        }
        return submit(Kind.MIGRATE_DROP, caller, checked.instance(), steps -> arrival.drop(steps, checked));
    }

    /** Removes what sources have forgotten here. */
    void removeForgotten() {
        for (String uuid : arrival.forgotten()) {
            submit(Kind.MIGRATE_DROP, Caller.BRIDGE, uuid, Work.of(arrival::removeForgotten));
        }
    }

    private Operation submit(Kind kind, Caller caller, String uuid, Work work) {
        return parts.operations().submit(kind, uuid, caller, RequestKey.NONE, work.alone(parts.locks(), uuid));
    }
}
