package org.novabridge.driver.compute;

import java.util.Optional;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/** Whose an instance is, and who may therefore change it (design 4.4, 4.6). */
final class Ownership {
    private final Parts parts;

    Ownership(Parts parts) {
        this.parts = parts;
    }

    /** @throws BridgeException INSTANCE_NOT_FOUND */
    void known(String uuid) {
        if (parts.records().find(uuid).isEmpty()
                && parts.hypervisor().find(uuid).isEmpty()) {
            throw notFound(uuid);
        }
    }

    static BridgeException notFound(String uuid) {
        return new BridgeException(
                ErrorCode.INSTANCE_NOT_FOUND,
                "there is no instance " + uuid + " on this host",
                "take the uuid from nova-bridge instance list");
    }

    /**
     * What is written down of an instance.
     *
     * @throws BridgeException INSTANCE_INVALID_STATE for a guest that is here and was neither made nor adopted by us: Nova takes an instance
     *     that is not found for a deleted one, and forgets what was asked without a word
     *     (nova/compute/manager.py 26.2.2, {@code _snapshot_instance}); INSTANCE_NOT_FOUND when nothing is here
     */
    static InstanceRecord recorded(Parts parts, String uuid) {
        return parts.records()
                .find(uuid)
                .orElseThrow(() -> parts.hypervisor().find(uuid).isEmpty() ? notFound(uuid) : unrecorded(uuid));
    }

    private static BridgeException unrecorded(String uuid) {
        return new BridgeException(
                ErrorCode.INSTANCE_INVALID_STATE,
                "guest " + uuid + " was not made by this bridge, and has not been adopted",
                "nova-bridge instance adopt " + uuid + " --dry-run says what is in the way, and so does the log of"
                        + " nova-compute, which hands such guests over when it starts");
    }

    /**
     * Also what is only being made has an owner.
     *
     * @param serverCommand what to use instead: openstack server …
     * @throws BridgeException OWNED_BY_NOVA, FORBIDDEN
     */
    void demand(Caller caller, String uuid, String serverCommand) {
        demand(
                caller,
                uuid,
                serverCommand,
                owner(uuid)
                        .or(() -> parts.operations()
                                .builder(uuid)
                                .map(building -> building.role().owner())));
    }

    /** As {@link #demand}, for one that is here; another role's create that still waits does not count. */
    void demandMade(Caller caller, String uuid, String serverCommand) {
        demand(caller, uuid, serverCommand, owner(uuid));
    }

    /** Empty for an instance that is not here. */
    private Optional<InstanceOwner> owner(String uuid) {
        return parts.records()
                .find(uuid)
                .map(InstanceRecord::owner)
                // A guest without a record was made by stock Nova, or by hand.
                .or(() -> parts.hypervisor().find(uuid).map(guest -> InstanceOwner.NOVA));
    }

    private static void demand(Caller caller, String uuid, String serverCommand, Optional<InstanceOwner> of) {
        InstanceOwner owner = of.orElse(caller.role().owner());
        if (owner == caller.role().owner()) {
            return;
        }
        if (owner == InstanceOwner.NOVA) {
            throw new BridgeException(
                    ErrorCode.OWNED_BY_NOVA,
                    "instance " + uuid + " is owned by Nova, which would take the change for the guest's own",
                    "use: openstack server " + serverCommand + " " + uuid);
        }
        throw new BridgeException(
                ErrorCode.FORBIDDEN, "instance " + uuid + " belongs to the operator of this host, not to Nova");
    }
}
