package org.novabridge.driver.compute;

import org.novabridge.driver.hypervisor.Hypervisor;

/** What each {@link Undo} does; the same code after a failure and after a crash. */
final class UndoActions implements Operations.Undoing {
    private final Parts parts;

    UndoActions(Parts parts) {
        this.parts = parts;
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
            } else if (action instanceof Undo.RemoveFile file) {
                parts.folders().removeFile(uuid, file.name());
            } else if (action instanceof Undo.RemoveRecord) {
                parts.records().remove(uuid);
            } else if (action instanceof Undo.RestoreDefinition definition) {
                if (hypervisor.find(uuid).filter(GuestPower::active).isEmpty()) {
                    hypervisor.define(definition.xml());
                }
            }
        }
    }
}
