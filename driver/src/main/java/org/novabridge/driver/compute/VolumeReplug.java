package org.novabridge.driver.compute;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.novabridge.driver.compute.GuestPlan.PlannedVolume;
import org.novabridge.driver.compute.InstanceView.Drift;
import org.novabridge.driver.compute.InstanceView.Remedy;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskDefinition.DriveAddress;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.xml.DomainXml;

/**
 * A volume goes from a running guest and comes back as today's configuration has it, because QEMU takes most of what is
 * configured of a disk only when it opens it. The guest is without the volume for that while, so only one that somebody
 * has named, and never the disk that the guest lives on.
 */
final class VolumeReplug {
    private final Parts parts;
    private final GuestBuild build;
    private final DeviceRelease release;
    private final GuestVolumes volumes;
    private final VolumeAttachment attachment;
    private final VolumeKeys keys;

    VolumeReplug(
            Parts parts, GuestBuild build, DeviceRelease release, GuestVolumes volumes, VolumeAttachment attachment) {
        this.parts = parts;
        this.build = build;
        this.release = release;
        this.volumes = volumes;
        this.attachment = attachment;
        this.keys = new VolumeKeys(parts);
    }

    Map<String, Object> replug(Steps steps, String asked, boolean dryRun) {
        String uuid = steps.instance();
        steps.step("look for the volume");
        InstanceRecord made = build.record(uuid);
        if (!GuestPower.active(release.changeable(uuid))) {
            throw new BridgeException(
                    ErrorCode.INSTANCE_NOT_RUNNING,
                    "guest " + uuid + " does not run, so nothing of it is plugged",
                    "start it: it then has all of today's configuration");
        }
        InstanceSpec spec = parts.planner().read(made.spec());
        GuestPlan plan = parts.planner().plan(spec, made);
        PlannedVolume volume = volume(uuid, plan, asked);
        String target = volume.target();
        Optional<LiveDisk> live = volumes.live(uuid, target);
        live.ifPresent(disk -> demandSame(uuid, disk, volume));
        List<Drift> before = drift(spec, made, target);
        List<Drift> changes =
                before.stream().filter(one -> one.needs() == Remedy.REPLUG).toList();
        // One that the guest has let go after nobody waited any more has to come back.
        boolean needed = live.isEmpty() || !changes.isEmpty();
        if (needed) {
            demandConnected(uuid, volume);
        }
        if (needed && !dryRun) {
            plugAnew(steps, volume, live);
        }
        List<Drift> left = needed && !dryRun ? drift(spec, made, target) : before;
        Map<String, Object> result = GuestVolumes.result(target, "replugged", needed && !dryRun);
        result.put("changes", LiveTuning.plain(changes));
        result.put("left", LiveTuning.plain(left));
        return result;
    }

    private void plugAnew(Steps steps, PlannedVolume volume, Optional<LiveDisk> live) {
        String uuid = steps.instance();
        String target = volume.target();
        DeviceRelease.Device device = device(target);
        volumes.forgetUndo(steps, target);
        keys.open(steps, volume);
        Optional<String> was = release.live(uuid, device).or(() -> release.defined(uuid, device));
        if (was.isPresent()) {
            steps.step("detach " + target, new Undo.PlugBack(target, volume.id(), was.get()));
            release.release(steps, device);
        }
        steps.step("attach " + target + " as configured");
        attachment.plug(uuid, placed(uuid, volume.disk(), live), true, true, true);
    }

    /** Where it was on its controller, for the guest may know it by that. */
    private DiskDefinition placed(String uuid, DiskDefinition disk, Optional<LiveDisk> live) {
        Integer unit = live.map(LiveDisk::scsiUnit).orElse(null);
        return disk.address() == null || unit == null
                ? attachment.placed(uuid, true, disk)
                : disk.at(new DriveAddress(disk.address().controller(), unit));
    }

    /** @throws BridgeException VOLUME_NOT_FOUND; INVALID_REQUEST for a disk that the guest cannot be without */
    private static PlannedVolume volume(String uuid, GuestPlan plan, String asked) {
        String name = GuestVolumes.strip(asked);
        boolean own = plan.disks().stream().anyMatch(disk -> name.equals(disk.target()));
        Optional<PlannedVolume> found = plan.volumes().stream()
                .filter(one -> asked.equals(one.id()) || name.equals(one.target()))
                .findFirst();
        boolean root = found.filter(
                        one -> ("/dev/" + one.target()).equals(plan.updates().get("root_device_name")))
                .isPresent();
        if (root || own && found.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    asked + " of guest " + uuid + " is "
                            + (root ? "its root disk" : "a disk of the instance, no volume")
                            + ": the guest cannot be without it while it runs",
                    "reboot the guest hard: it then has all of today's configuration");
        }
        return found.orElseThrow(() -> new BridgeException(
                ErrorCode.VOLUME_NOT_FOUND,
                "guest " + uuid + " has no volume " + asked,
                "name a volume by its id or its device, as nova-bridge drift lists it"));
    }

    private static void demandSame(String uuid, LiveDisk disk, PlannedVolume volume) {
        if (!GuestVolumes.same(disk, volume.id())) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "guest " + uuid + " runs with another volume as " + disk.target() + ": " + disk.serial(),
                    "see what is attached to it");
        }
    }

    /** What cannot be attached again is not detached. */
    private void demandConnected(String uuid, PlannedVolume volume) {
        if (!volume.connected()) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "where volume " + Objects.requireNonNullElse(volume.id(), volume.target()) + " of guest " + uuid
                            + " is connected on this host is not recorded, so it could not be attached again",
                    "reboot the guest hard: Nova then says where its volumes are");
        }
        parts.volumes().demand(volume);
        keys.demand(uuid, List.of(volume));
    }

    private List<Drift> drift(InstanceSpec spec, InstanceRecord made, String target) {
        return parts.planner().drift(spec, made, parts.hypervisor().xml(made.uuid(), false)).stream()
                .filter(one -> one.disk().equals(target))
                .toList();
    }

    private static DeviceRelease.Device device(String target) {
        return new DeviceRelease.Device(target, xml -> DomainXml.diskElement(xml, target));
    }

    /** Gives back what the guest has let go: to what runs, and to its definition. */
    void plugBack(Steps steps, Undo.PlugBack undo) {
        String uuid = steps.instance();
        if (parts.hypervisor().find(uuid).isEmpty()) {
            return;
        }
        DeviceRelease.Device device = device(undo.target());
        boolean live = !release.has(uuid, device);
        boolean persistent = release.defined(uuid, device).isEmpty();
        boolean runs = GuestPower.active(parts.hypervisor().find(uuid).orElseThrow());
        if (live && runs || persistent) {
            parts.hypervisor().attachDevice(uuid, undo.xml(), live && runs, persistent);
        }
    }
}
