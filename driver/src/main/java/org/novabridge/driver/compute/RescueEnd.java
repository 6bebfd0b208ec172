package org.novabridge.driver.compute;

import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.ImageBackend;

/**
 * The end of a rescue: the guest runs from its own disks again, and those of the rescue are removed
 * (nova/virt/libvirt/driver.py 26.2.2, unrescue). It only goes forward. The disks go after the guest has started, since nothing waits for
 * that; whatever is left of them, also by stock Nova, goes with the next one.
 */
final class RescueEnd {
    private static final String RESCUE_DISK = ".rescue";

    private final Parts parts;
    private final GuestPower power;
    private final GuestBuild build;
    private final GuestKeys keys;

    RescueEnd(Parts parts, GuestPower power, GuestBuild build, GuestKeys keys) {
        this.parts = parts;
        this.power = power;
        this.build = build;
        this.keys = keys;
    }

    /**
     * Pulls the plug, as Nova does, and starts the guest from its own disks. Of one that is not rescued what is left of a
     * rescue is removed, and it is started when it does not run.
     *
     * @throws BridgeException whatever refuses a start, before anything was touched
     */
    void unrescue(Steps steps) {
        InstanceRecord made = build.record(steps.instance());
        InstanceRecord own = made.unrescued();
        build.demandDisks(steps, own);
        keys.demand(own);
        takeBack(steps, made);
        if (!power.runs(steps.instance())) {
            power.start(steps, "start the guest from its own disks", false);
        }
        removeDisks(steps);
    }

    /** To its end, if it is not there yet; nothing is started. */
    void finish(Steps steps) {
        parts.records()
                .find(steps.instance())
                .filter(made -> made.rescue() != null)
                .ifPresent(made -> {
                    takeBack(steps, made);
                    removeDisks(steps);
                });
    }

    private void takeBack(Steps steps, InstanceRecord made) {
        if (made.inRescue().isEmpty()) {
            return;
        }
        InstanceRecord own = made.unrescued();
        GuestPlan plan = parts.planner().plan(parts.planner().read(own.spec()), own);
        power.stop(steps);
        steps.step("define the guest as it was");
        power.keepDefinition(steps);
        if (parts.hypervisor().find(made.uuid()).filter(Guest::hasManagedSave).isPresent()) {
            // Memory that was saved in the rescue belongs to its devices.
            parts.hypervisor().undefine(made.uuid());
        }
        parts.hypervisor().define(plan.xml());
        steps.step("remember the instance as it was");
        parts.records().save(own);
    }

    private void removeDisks(Steps steps) {
        String uuid = steps.instance();
        parts.operations().forget(steps, Undo::ofRescue);
        InstanceRecord made = build.record(uuid);
        Rescue rescue = made.rescue();
        if (rescue != null) {
            for (RecordedDisk disk : rescue.added()) {
                ImageBackend backend = parts.backends().get(disk.backend());
                disk.demandSamePlace(uuid, backend);
                remove(steps, backend, disk.name());
            }
        }
        for (ImageBackend backend : parts.backends().all()) {
            for (String disk : backend.list(uuid)) {
                if (disk.endsWith(RESCUE_DISK)) {
                    remove(steps, backend, disk);
                }
            }
        }
        if (rescue != null) {
            steps.step("forget the rescue");
            parts.records().save(made.withoutRescue());
        }
    }

    private static void remove(Steps steps, ImageBackend backend, String disk) {
        steps.step("remove " + disk);
        backend.remove(steps.instance(), disk, steps);
    }
}
