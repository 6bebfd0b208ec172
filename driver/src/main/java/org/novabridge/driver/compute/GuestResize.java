package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.novabridge.driver.compute.DiskChanges.Change;
import org.novabridge.driver.compute.DiskChanges.DiskChange;
import org.novabridge.driver.compute.InstanceRecord.RecordedDisk;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.storage.ImageBackend;
import org.novabridge.driver.storage.KeptDisks;
import org.novabridge.driver.storage.KeptDisks.Way;

/**
 * Another flavor for a guest, on this host.
 *
 * <p>In Nova's order (nova/virt/libvirt/driver.py 26.2.2, migrate_disk_and_power_off and finish_migration): refusals, the
 * plug, what the disks were is kept, the disks become what they are to be, the guest starts again if it ran; then {@link
 * ResizeEnd} waits to be asked. All that can be refused is refused before the guest is stopped.
 *
 * <p>{@code online} is for growing disks alone: the guest runs on and is told. Nothing is kept and there is nothing to
 * confirm: a disk that has grown harms nobody, and a picture of a running guest's disk would be no state to go back to.
 * It is never chosen by itself, since whoever asks for a resize waits for the confirmation.
 */
final class GuestResize {
    private final Parts parts;
    private final GuestPower power;
    private final GuestBuild build;
    private final GuestKeys keys;

    GuestResize(Parts parts, GuestPower power, GuestBuild build, GuestKeys keys) {
        this.parts = parts;
        this.power = power;
        this.build = build;
        this.keys = keys;
    }

    /** What is to be done, after everything that can be refused. */
    private record Job(
            InstanceRecord made,
            InstanceSpec was,
            InstanceSpec spec,
            GuestPlan plan,
            DiskChanges changes,
            Guest guest) {
        Flavor flavor() {
            return spec.instance().flavor();
        }

        boolean ran() {
            return GuestPower.active(guest);
        }
    }

    /** @throws BridgeException RESIZE_REFUSED, INSTANCE_INVALID_STATE before anything was touched */
    Map<String, Object> resize(Steps steps, ResizeRequest request) {
        steps.step("check the resize");
        Job job = check(steps, request);
        if (request.online()) {
            demandOnlyGrowth(job);
        } else {
            GuestPower.demandStoppable(job.guest());
            demandKeys(job);
            demandRoom(job);
        }
        Map<String, Object> result = result(job, request);
        steps.known(result);
        if (request.dryRun()) {
            return result;
        }
        if (request.online()) {
            growOnline(steps, job);
        } else {
            parts.operations().forget(steps, Undo::ofResize);
            offline(steps, job);
        }
        return result;
    }

    private Job check(Steps steps, ResizeRequest request) {
        Flavor flavor = request.flavor();
        InstanceRecord made = ResizeRefusal.of(() -> build.record(steps.instance()));
        made.demandNotResized(ErrorCode.INSTANCE_INVALID_STATE);
        made.demandNotRescued();
        Guest guest = power.guest(made.uuid());
        if (!request.dryRun()) {
            build.demandDisks(steps, made);
        }
        InstanceSpec was = parts.planner().read(made.spec());
        InstanceSpec spec = was.resized(flavor);
        return ResizeRefusal.of(() -> {
            for (RecordedDisk disk : made.disks()) {
                disk.demandSamePlace(made.uuid(), parts.backends().get(disk.backend()));
            }
            GuestPlan plan = parts.planner().plan(spec, made);
            DiskChanges changes = DiskChanges.between(made, was, parts.planner().plan(was, made), plan, flavor);
            return new Job(made, was, spec, plan, changes, guest);
        });
    }

    /** What is made anew is encrypted anew; what grows is open while its guest runs, and needs none. */
    private void demandKeys(Job job) {
        for (DiskChange disk : job.changes().all()) {
            if (disk.change() == Change.ADDED || disk.change() == Change.RENEWED) {
                ResizeRefusal.of(() -> {
                    keys.demand(job.made().uuid(), disk.backend(), disk.name());
                    return disk;
                });
            }
        }
    }

    private void demandRoom(Job job) {
        Map<String, List<KeptDisks.Demand>> demands = new LinkedHashMap<>();
        for (DiskChange disk : job.changes().all()) {
            Way way = disk.way();
            if (way != null) {
                demands.computeIfAbsent(disk.backend(), unused -> new ArrayList<>())
                        .add(new KeptDisks.Demand(disk.name(), way, disk.change() == Change.STAYS ? null : disk.to()));
            }
        }
        demands.forEach((backend, disks) -> ResizeRefusal.of(() -> {
            parts.kept(backend).demandRoom(job.made().uuid(), disks);
            return backend;
        }));
    }

    private void demandOnlyGrowth(Job job) {
        if (!GuestPower.active(job.guest())) {
            throw refused("the guest does not run, so there is nobody to tell", "resize it without --online");
        }
        Flavor was = job.was().instance().flavor();
        Flavor next = job.flavor();
        if (was.vcpus() != next.vcpus()
                || was.memoryMb() != next.memoryMb()
                || was.swapMb() != next.swapMb()
                || !was.extraSpecs().equals(next.extraSpecs())
                || job.changes().all().stream()
                        .anyMatch(disk -> disk.change() != Change.GROWS && disk.change() != Change.STAYS)) {
            throw refused(
                    "the flavors differ in more than the sizes of disks that are there, and of a running guest only"
                            + " these grow",
                    "resize it without --online");
        }
        for (DiskChange disk : job.changes().of(Change.GROWS)) {
            if (parts.backends().get(disk.backend()).kept().isEmpty()) {
                throw refused(
                        "disks of images_type " + disk.backend() + " do not grow", "make a new guest of its image");
            }
        }
        if (job.changes().of(Change.GROWS).isEmpty()) {
            throw refused("no disk becomes larger by this flavor", "see nova-bridge instance show");
        }
    }

    private static BridgeException refused(String what, String remedy) {
        return new BridgeException(ErrorCode.RESIZE_REFUSED, what, remedy);
    }

    private void offline(Steps steps, Job job) {
        String uuid = steps.instance();
        power.powerOff(steps, job.spec());
        for (DiskChange disk : job.changes().all()) {
            if (disk.way() == Way.BESIDE) {
                steps.step("keep " + disk.name() + " as it is", new Undo.DiscardKept(disk.backend(), disk.name()));
                parts.kept(disk.backend()).keep(uuid, disk.name(), steps);
            }
        }
        job.changes().all().forEach(disk -> change(steps, job, disk));
        Optional<Guest> guest = parts.hypervisor().find(uuid);
        String definition = guest.isPresent() ? parts.hypervisor().xml(uuid, true) : null;
        build.define(steps, job.plan(), guest);
        steps.step("remember the resize", new Undo.ForgetResize());
        parts.records()
                .save(job.made()
                        .resized(
                                parts.planner().write(job.spec()),
                                build.recorded(uuid, job.plan().disks()),
                                new PendingResize(
                                        PendingResize.Phase.WAITING,
                                        job.made().spec(),
                                        definition,
                                        job.ran(),
                                        job.made().disks(),
                                        job.changes().kept().stream()
                                                .map(DiskChange::name)
                                                .toList(),
                                        parts.clock().instant().toString())));
        if (job.ran()) {
            // From here on a disk may be in use, so the steps are not taken back one by one any more.
            steps.instead("hand the guest its disks", new Undo.RevertResize());
            power.start(steps, "start the guest", false);
        }
    }

    private void change(Steps steps, Job job, DiskChange disk) {
        String uuid = steps.instance();
        Undo restore = new Undo.RestoreKept(disk.backend(), disk.name());
        switch (disk.change()) {
            case STAYS -> {}
            case GROWS -> {
                steps.step("grow " + disk.name(), restore);
                parts.backends().get(disk.backend()).grow(uuid, disk.name(), size(disk), steps);
            }
            case RENEWED, REMOVED -> {
                steps.step("set " + disk.name() + " aside", restore);
                parts.kept(disk.backend()).setAside(uuid, disk.name());
                if (disk.change() == Change.RENEWED) {
                    // What was set aside comes back over it.
                    steps.step("create " + disk.name());
                    create(steps, job, disk);
                }
            }
            case ADDED -> {
                steps.step("create " + disk.name(), new Undo.RemoveAdded(disk.backend(), disk.name()));
                create(steps, job, disk);
            }
        }
    }

    private void create(Steps steps, Job job, DiskChange disk) {
        build.createEmpty(steps, job.plan().disk(disk.name()).orElseThrow());
    }

    private static long size(DiskChange disk) {
        return Objects.requireNonNull(disk.to(), disk.name());
    }

    /** Repeatable: what has grown stays grown, and the guest is told again. */
    private void growOnline(Steps steps, Job job) {
        String uuid = steps.instance();
        for (DiskChange disk : job.changes().of(Change.GROWS)) {
            ImageBackend backend = parts.backends().get(disk.backend());
            if (backend.capabilities().blockDevice()) {
                Undo finish = new Undo.FinishGrowth(disk.backend(), disk.name());
                steps.step("grow " + disk.name(), finish);
                backend.grow(uuid, disk.name(), size(disk), steps);
                steps.over(finish);
            }
            // A file that QEMU has open is grown by QEMU itself.
            steps.step("tell the guest the size of " + disk.name());
            parts.hypervisor().blockResize(uuid, Objects.requireNonNull(disk.target(), disk.name()), size(disk));
        }
        steps.step("remember the flavor");
        parts.records().save(job.made().withSpec(parts.planner().write(job.spec())));
    }

    private Map<String, Object> result(Job job, ResizeRequest request) {
        Map<String, Object> result = new LinkedHashMap<>(GuestBuild.result(job.plan()));
        result.put("way", request.online() ? "online" : "offline");
        result.put("dry_run", request.dryRun());
        result.put("confirm", !request.online());
        List<Object> disks = new ArrayList<>();
        for (DiskChange disk : job.changes().all()) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("name", disk.name());
            line.put("change", disk.change().word());
            if (disk.from() != null) {
                line.put("from", disk.from());
            }
            if (disk.to() != null) {
                line.put("to", disk.to());
            }
            if (!request.online() && disk.way() == Way.BESIDE) {
                line.put("kept", parts.kept(disk.backend()).word());
            } else if (!request.online() && disk.way() == Way.ASIDE) {
                line.put("kept", "set aside");
            }
            disks.add(line);
        }
        result.put("disks", disks);
        return result;
    }
}
