package org.novabridge.driver.compute;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.model.VolumeSecret;
import org.novabridge.driver.xml.DomainXml;

/** A volume goes from a guest: from what runs, its definition and its record, in this order. */
final class VolumeDetachment {
    private final Parts parts;
    private final DeviceRelease release;
    private final GuestVolumes volumes;
    private final VolumeKeys keys;

    VolumeDetachment(Parts parts, DeviceRelease release, GuestVolumes volumes) {
        this.parts = parts;
        this.release = release;
        this.volumes = volumes;
        this.keys = new VolumeKeys(parts);
    }

    Map<String, Object> detach(Steps steps, @Nullable String device, @Nullable String volume) {
        String uuid = steps.instance();
        steps.step("look for the volume");
        release.changeable(uuid);
        String target = device != null ? GuestVolumes.strip(device) : volumes.demand(uuid, volume);
        demandVolume(uuid, target);
        Optional<LiveDisk> live = volumes.live(uuid, target);
        Optional<LiveDisk> defined = volumes.defined(uuid, target);
        live.ifPresent(disk -> demandSame(disk, volume));
        defined.ifPresent(disk -> demandSame(disk, volume));
        String id = volume != null
                ? volume
                : live.or(() -> defined).map(LiveDisk::serial).orElse(null);
        Set<VolumeSecret> secrets = keys.of(uuid);
        volumes.forgetUndo(steps, target);
        steps.step("detach " + target, new Undo.FinishDetach(target, id));
        release.release(steps, device(target));
        volumes.forget(uuid, target, volume);
        close(uuid, secrets);
        return GuestVolumes.result(target, "found", live.isPresent() || defined.isPresent());
    }

    /** The disks that we have made are no volumes. */
    private void demandVolume(String uuid, String target) {
        parts.records().find(uuid).ifPresent(made -> {
            GuestPlan plan = parts.planner().plan(parts.planner().read(made.spec()), made);
            if (plan.disks().stream().anyMatch(disk -> target.equals(disk.target()))) {
                throw new BridgeException(
                        ErrorCode.INVALID_REQUEST,
                        target + " of guest " + uuid + " is no volume: it is a disk of the instance",
                        "name the device of a volume");
            }
        });
    }

    private static void demandSame(LiveDisk disk, @Nullable String volume) {
        if (!GuestVolumes.same(disk, volume)) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "the guest has another volume as " + disk.target() + ": " + disk.serial(),
                    "see what is attached to it");
        }
    }

    private DeviceRelease.Device device(String target) {
        return new DeviceRelease.Device(target, xml -> DomainXml.diskElement(xml, target));
    }

    /** Takes back an attach. */
    void remove(Steps steps, Undo.RemoveVolume undo) {
        String uuid = steps.instance();
        if (parts.hypervisor().find(uuid).isPresent() && isOurs(uuid, undo)) {
            release.release(steps, device(undo.target()));
        }
        Set<VolumeSecret> secrets = keys.of(uuid);
        volumes.forget(uuid, undo.target(), undo.volume());
        VolumeSecret.named(undo.volume()).ifPresent(secrets::add);
        close(uuid, secrets);
    }

    /** Of what the guest had, and has no more. */
    private void close(String uuid, Set<VolumeSecret> before) {
        before.removeAll(keys.of(uuid));
        before.forEach(secret -> keys.close(uuid, secret));
    }

    /** Settles a detach that broke off: the volume is where it was, or nowhere. */
    void finish(Steps steps, Undo.FinishDetach undo) {
        String uuid = steps.instance();
        if (parts.hypervisor().find(uuid).isPresent() && !release.has(uuid, device(undo.target()))) {
            Set<VolumeSecret> secrets = keys.of(uuid);
            release.undefine(uuid, device(undo.target()));
            volumes.forget(uuid, undo.target(), undo.volume());
            // When it broke off behind that, nobody else knows that there was a key.
            VolumeSecret.named(undo.volume()).ifPresent(secrets::add);
            close(uuid, secrets);
        }
    }

    /** What stands there may be another volume by now. */
    private boolean isOurs(String uuid, Undo.RemoveVolume undo) {
        return volumes.live(uuid, undo.target())
                .or(() -> volumes.defined(uuid, undo.target()))
                .filter(disk -> GuestVolumes.same(disk, undo.volume()))
                .isPresent();
    }
}
