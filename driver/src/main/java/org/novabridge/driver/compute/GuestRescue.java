package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.novabridge.driver.compute.GuestPlan.PlannedDisk;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.RescueSpec;
import org.novabridge.driver.storage.CachedImage;
import org.novabridge.driver.storage.ImageBackend;

/**
 * A guest that runs from a disk made of a rescue image, with its own disks beside it (nova/virt/libvirt/driver.py 26.2.2,
 * rescue).
 *
 * <p>The rescue disk is made while the guest still runs, and all that can be refused is refused before. Nova stops the
 * guest first and leaves it in ERROR when the image then does not come. The definition is made from the record both ways,
 * so there is no {@code unrescue.xml} that a second rescue could overwrite.
 */
final class GuestRescue {
    private final Parts parts;
    private final GuestPower power;
    private final GuestBuild build;
    private final GuestKeys keys;

    GuestRescue(Parts parts, GuestPower power, GuestBuild build, GuestKeys keys) {
        this.parts = parts;
        this.power = power;
        this.build = build;
        this.keys = keys;
    }

    /** What is to be done, after everything that can be refused. */
    private record Job(InstanceRecord made, InstanceSpec spec, RescueSpec rescue, GuestPlan plan) {
        /** The disks that the guest has for its rescue only. */
        List<PlannedDisk> added() {
            return plan.disks().stream()
                    .filter(disk -> made.disks().stream()
                            .noneMatch(known -> known.name().equals(disk.name())))
                    .toList();
        }
    }

    /**
     * Rescues the guest; it ends running.
     *
     * @throws BridgeException INSTANCE_NOT_RESCUABLE, INSTANCE_INVALID_STATE and whatever the rules refuse, before anything
     *     was touched
     */
    Map<String, Object> rescue(Steps steps, RescueSpec asked) {
        String uuid = steps.instance();
        steps.step("check the rescue");
        Job job = check(steps, asked);
        Map<String, Object> result = result(job);
        steps.known(result);
        parts.operations().forget(steps, Undo::ofRescue);
        makeDisks(steps, job);
        power.powerOff(steps, job.spec());
        build.define(steps, job.plan(), parts.hypervisor().find(uuid));
        steps.step("remember the rescue", new Undo.ForgetRescue());
        parts.records()
                .save(job.made()
                        .rescued(
                                parts.planner().write(job.spec()),
                                new Rescue(
                                        false,
                                        job.made().spec(),
                                        job.made().disks(),
                                        build.recorded(uuid, job.added()),
                                        parts.clock().instant().toString())));
        // From here on the rescue disk may be in use, so the steps are not taken back one by one any more.
        steps.instead("hand the guest its rescue disk", new Undo.Unrescue());
        power.start(steps, "start the guest from its rescue disk", false);
        return result;
    }

    private Job check(Steps steps, RescueSpec asked) {
        String uuid = steps.instance();
        InstanceRecord made = build.record(uuid);
        made.demandNotRescued();
        made.demandNotResized(ErrorCode.INSTANCE_NOT_RESCUABLE);
        GuestPower.demandStoppable(power.guest(uuid));
        InstanceSpec was = parts.planner().read(made.spec());
        RescueSpec rescue = parts.planner().rescue(was, asked);
        InstanceSpec spec = was.rescued(rescue);
        Job job = new Job(made, spec, rescue, parts.planner().plan(spec, made));
        build.demandDisks(steps, made);
        build.demandVolumes(job.plan());
        keys.demand(made);
        // What is left of an earlier one would be taken for a disk of this one.
        for (PlannedDisk disk : job.added()) {
            ImageBackend backend = parts.backends().get(disk.backend());
            backend.demandPlace();
            if (backend.list(uuid).contains(disk.name())) {
                throw new BridgeException(
                        ErrorCode.INSTANCE_NOT_RESCUABLE,
                        "disk " + disk.name() + " of instance " + uuid + " exists, left by an earlier rescue",
                        "remove it: nova-bridge instance unrescue " + uuid);
            }
            keys.demand(uuid, disk.backend(), disk.name());
        }
        return job;
    }

    private void makeDisks(Steps steps, Job job) {
        String uuid = steps.instance();
        try {
            CachedImage image =
                    build.image(steps, job.rescue().imageMeta(), job.rescue().imageFile(), 0);
            build.fetchBoot(
                    steps, job.added(), job.rescue().kernelFile(), job.rescue().ramdiskFile());
            for (PlannedDisk disk : job.added()) {
                steps.step("create " + disk.name(), new Undo.RemoveRescueDisk(disk.backend(), disk.name()));
                parts.backends()
                        .get(disk.backend())
                        .create(
                                uuid,
                                disk.name(),
                                build.content(steps, disk, image, job.rescue().configDriveFile()),
                                steps);
            }
        } finally {
            parts.files().discard(uuid);
        }
    }

    /** Without updates: what Nova has saved of the instance is true again after the rescue. */
    private static Map<String, Object> result(Job job) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("way", job.rescue().stable() ? "stable" : "legacy");
        result.put("image", job.rescue().imageMeta().id());
        result.put("outside", job.plan().outside());
        List<Object> disks = new ArrayList<>();
        for (PlannedDisk disk : job.plan().disks()) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("name", disk.name());
            line.put("target", disk.target());
            disks.add(line);
        }
        result.put("disks", disks);
        return result;
    }
}
