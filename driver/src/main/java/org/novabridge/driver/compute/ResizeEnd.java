package org.novabridge.driver.compute;

import java.util.Optional;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.compute.PendingResize.Phase;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;

/**
 * The end of a resize: it is confirmed, and what was kept goes; or it is reverted, and disks, record and definition become
 * what they were. Either leaves one copy of each disk. Both only go forward: which of them it is is written down before the
 * first disk is touched, and whatever happens then, only the same one can be asked for again.
 */
final class ResizeEnd {
    private final Parts parts;
    private final GuestPower power;
    private final GuestKeys keys;

    ResizeEnd(Parts parts, GuestPower power, GuestKeys keys) {
        this.parts = parts;
        this.power = power;
        this.keys = keys;
    }

    /** @throws BridgeException INSTANCE_INVALID_STATE when no resize waits, or its revert has begun */
    void confirm(Steps steps) {
        InstanceRecord made = record(steps);
        PendingResize waiting = made.pending();
        demandNot(Phase.REVERTING, "resize-revert", made);
        demandSamePlace(made.uuid(), waiting);
        parts.operations().forget(steps, Undo::ofResize);
        steps.step("confirm the resize");
        parts.records().save(made.resizing(Phase.CONFIRMING));
        for (RecordedDisk disk : waiting.keptDisks()) {
            steps.step("remove what was kept of " + disk.name());
            parts.kept(disk.backend()).discard(made.uuid(), disk.name(), steps);
        }
        steps.step("forget what the instance was");
        parts.records().save(made.confirmed());
    }

    /**
     * Pulls the plug, as Nova does; a guest that ran before the resize runs again.
     *
     * @throws BridgeException INSTANCE_INVALID_STATE when no resize waits, or its confirmation has begun; DISK_NOT_FOUND
     *     when something that was kept is gone; DISK_KEY_REFUSED when the guest is to run again, and disks that come back
     *     are encrypted: they come back closed
     */
    void revert(Steps steps) {
        InstanceRecord made = record(steps);
        PendingResize waiting = made.pending();
        boolean ran = waiting.ran();
        if (ran && waiting.phase() == Phase.WAITING) {
            keys.demand(made);
            waiting.keptDisks().forEach(disk -> keys.demand(made.uuid(), disk.backend(), disk.name()));
        }
        takeBack(steps);
        if (ran) {
            power.start(steps, "start the guest", false);
        }
    }

    /** For settlement: to its end, if it is not there yet. */
    void finishConfirm(Steps steps) {
        if (waits(steps)) {
            confirm(steps);
        }
    }

    /** For settlement: to its end, if it is not there yet; nothing is started. */
    void finishRevert(Steps steps) {
        if (waits(steps)) {
            takeBack(steps);
        }
    }

    private boolean waits(Steps steps) {
        return parts.records()
                .find(steps.instance())
                .filter(made -> made.resize() != null)
                .isPresent();
    }

    private void takeBack(Steps steps) {
        String uuid = steps.instance();
        InstanceRecord made = record(steps);
        PendingResize waiting = made.pending();
        demandNot(Phase.CONFIRMING, "resize-confirm", made);
        demandSamePlace(uuid, waiting);
        if (waiting.phase() == Phase.WAITING) {
            demandKept(uuid, waiting);
        }
        power.stop(steps);
        steps.step("take the resize back");
        parts.records().save(made.resizing(Phase.REVERTING));
        parts.operations().forget(steps, Undo::ofResize);
        define(steps, waiting);
        for (RecordedDisk disk : waiting.keptDisks()) {
            steps.step("bring " + disk.name() + " back");
            parts.kept(disk.backend()).restore(uuid, disk.name(), steps);
        }
        for (RecordedDisk disk : made.disks()) {
            if (waiting.disks().stream().noneMatch(had -> had.name().equals(disk.name()))) {
                steps.step("remove " + disk.name());
                parts.backends().get(disk.backend()).remove(uuid, disk.name(), steps);
            }
        }
        steps.step("remember the instance as it was");
        parts.records().save(made.reverted());
    }

    /** Letter by letter as it was; saved memory belongs to the other flavor and its disks, and goes. */
    private void define(Steps steps, PendingResize waiting) {
        Hypervisor hypervisor = parts.hypervisor();
        Optional<Guest> guest = hypervisor.find(steps.instance());
        steps.step("define the guest as it was");
        power.keepDefinition(steps);
        if (waiting.definition() == null || guest.filter(Guest::hasManagedSave).isPresent()) {
            hypervisor.undefine(steps.instance());
        }
        if (waiting.definition() != null) {
            hypervisor.define(waiting.definition());
        }
    }

    /** In another volume group nothing would be found, and what is kept would stay where it is. */
    private void demandSamePlace(String uuid, PendingResize waiting) {
        for (RecordedDisk disk : waiting.keptDisks()) {
            disk.demandSamePlace(uuid, parts.backends().get(disk.backend()));
        }
    }

    private void demandKept(String uuid, PendingResize waiting) {
        for (RecordedDisk disk : waiting.keptDisks()) {
            if (!parts.kept(disk.backend()).list(uuid).contains(disk.name())) {
                throw new BridgeException(
                        ErrorCode.DISK_NOT_FOUND,
                        "what was kept of " + disk.name() + " of instance " + uuid
                                + " is gone, so there is no way back",
                        "bring it back (activate the volume group), or confirm: nova-bridge instance resize-confirm "
                                + uuid);
            }
        }
    }

    private static void demandNot(Phase begun, String command, InstanceRecord made) {
        if (made.pending().phase() == begun) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_INVALID_STATE,
                    "the resize of instance " + made.uuid() + " is " + begun.word() + " already, and there is no way"
                            + " back from that",
                    "finish it: nova-bridge instance " + command + " " + made.uuid());
        }
    }

    private InstanceRecord record(Steps steps) {
        return parts.records().find(steps.instance()).orElseThrow(() -> Ownership.notFound(steps.instance()));
    }
}
