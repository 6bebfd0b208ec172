package org.novabridge.driver.compute;

import org.novabridge.driver.hypervisor.GuestState;
import org.novabridge.driver.hypervisor.Hypervisor;
import org.novabridge.driver.model.VolumeSecret;
import org.novabridge.driver.storage.DiskStreams;

/** What each {@link Undo} does; the same code after a failure and after a crash. */
final class UndoActions implements Operations.Undoing {
    private final Parts parts;
    private final ResizeEnd resizeEnd;
    private final RescueEnd rescueEnd;
    private final VolumeDetachment detachment;
    private final VolumeReplug replug;
    private final GuestPorts ports;
    private final GuestQuiesce quiesce;

    UndoActions(
            Parts parts,
            ResizeEnd resizeEnd,
            RescueEnd rescueEnd,
            VolumeDetachment detachment,
            VolumeReplug replug,
            GuestPorts ports,
            GuestQuiesce quiesce) {
        this.parts = parts;
        this.resizeEnd = resizeEnd;
        this.rescueEnd = rescueEnd;
        this.detachment = detachment;
        this.replug = replug;
        this.ports = ports;
        this.quiesce = quiesce;
    }

    @Override
    public void undo(Undo action, Steps steps) {
        String uuid = steps.instance();
        Hypervisor hypervisor = parts.hypervisor();
        try (Locks.Held unused = parts.locks().take(Locks.Level.INSTANCE, uuid)) {
            if (action instanceof Undo.RemoveDisk disk) {
                parts.backends().get(disk.backend()).remove(uuid, disk.disk(), steps);
            } else if (action instanceof Undo.RemoveInstanceDirectory) {
                parts.folders().remove(uuid);
            } else if (action instanceof Undo.UndefineDomain) {
                if (hypervisor.find(uuid).isPresent()) {
                    hypervisor.destroy(uuid);
                    hypervisor.undefine(uuid);
                }
            } else if (action instanceof Undo.StopPaused) {
                hypervisor
                        .find(uuid)
                        .filter(guest -> guest.state() == GuestState.PAUSED)
                        .ifPresent(guest -> hypervisor.destroy(uuid));
            } else if (action instanceof Undo.RemoveFile file) {
                parts.folders().removeFile(uuid, file.name());
            } else if (action instanceof Undo.RemoveRecord) {
                parts.records().remove(uuid);
            } else if (action instanceof Undo.RemoveSnapshot snapshot) {
                parts.backends().get(snapshot.backend()).snapshots().ifPresent(all -> all.remove(steps.id(), steps));
            } else if (action instanceof Undo.RemoveImage image) {
                parts.images().remove(image.image());
            } else if (action instanceof Undo.LetRun held) {
                hypervisor
                        .find(uuid)
                        .filter(guest -> guest.id() == held.domain() && guest.state() == GuestState.PAUSED)
                        .ifPresent(guest -> hypervisor.resume(uuid));
            } else if (action instanceof Undo.Thaw) {
                quiesce.thaw(uuid);
            } else if (action instanceof Undo.Unquiesce standing) {
                quiesce.end(steps, standing);
            } else if (action instanceof Undo.DiscardKept kept) {
                parts.kept(kept.backend()).discard(uuid, kept.disk(), steps);
            } else if (action instanceof Undo.RestoreKept kept) {
                parts.kept(kept.backend()).restore(uuid, kept.disk(), steps);
            } else if (action instanceof Undo.RemoveAdded added) {
                parts.backends().get(added.backend()).remove(uuid, added.disk(), steps);
            } else if (action instanceof Undo.FinishGrowth growth) {
                parts.backends().get(growth.backend()).grow(uuid, growth.disk(), 0, steps);
            } else if (action instanceof Undo.ForgetResize) {
                parts.records()
                        .find(uuid)
                        .filter(made -> made.resize() != null)
                        .ifPresent(made -> parts.records().save(made.reverted()));
            } else if (action instanceof Undo.RevertResize) {
                if (notRunning(uuid)) {
                    resizeEnd.finishRevert(steps);
                }
            } else if (action instanceof Undo.RemoveRescueDisk rescue) {
                parts.backends().get(rescue.backend()).remove(uuid, rescue.disk(), steps);
            } else if (action instanceof Undo.ForgetRescue) {
                parts.records()
                        .find(uuid)
                        .filter(made -> made.rescue() != null)
                        .ifPresent(made -> parts.records().save(made.withoutRescue()));
            } else if (action instanceof Undo.Unrescue) {
                if (notRunning(uuid)) {
                    rescueEnd.finish(steps);
                }
            } else if (action instanceof Undo.RemoveVolume volume) {
                detachment.remove(steps, volume);
            } else if (action instanceof Undo.FinishDetach volume) {
                detachment.finish(steps, volume);
            } else if (action instanceof Undo.PlugBack volume) {
                replug.plugBack(steps, volume);
            } else if (action instanceof Undo.RemovePort port) {
                ports.remove(steps, port);
            } else if (action instanceof Undo.FinishPort port) {
                ports.finish(steps, port);
            } else if (action instanceof Undo.ReleaseLook look) {
                parts.backends().get(look.backend()).streams().ifPresent(DiskStreams::releaseLook);
            } else if (action instanceof Undo.LockDisk disk) {
                if (notRunning(uuid)) {
                    parts.backends().get(disk.backend()).encryption().ifPresent(all -> all.lock(uuid, disk.disk()));
                }
            } else if (action instanceof Undo.RemoveSecret secret) {
                new VolumeKeys(parts).close(uuid, new VolumeSecret(secret.volume()));
            } else if (action instanceof Undo.RestoreDefinition definition) {
                if (notRunning(uuid)) {
                    hypervisor.define(definition.xml());
                }
            }
        }
    }

    private boolean notRunning(String uuid) {
        return parts.hypervisor().find(uuid).filter(GuestPower::active).isEmpty();
    }
}
