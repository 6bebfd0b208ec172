package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.novabridge.driver.compute.GuestPlan.PlannedVolume;
import org.novabridge.driver.hypervisor.Guest;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskDefinition;
import org.novabridge.driver.model.DiskDefinition.DriveAddress;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.xml.DomainXml;

/**
 * A volume comes to a guest that is there (nova/virt/libvirt/driver.py 26.2.2, attach_volume), or has grown. The rules of
 * disks decide what the guest sees, as if it had been made with the volume.
 */
final class VolumeAttachment {
    private final Parts parts;
    private final GuestPower power;
    private final GuestBuild build;
    private final DeviceRelease release;
    private final GuestVolumes volumes;
    private final VolumeKeys keys;

    VolumeAttachment(Parts parts, GuestPower power, GuestBuild build, DeviceRelease release, GuestVolumes volumes) {
        this.parts = parts;
        this.power = power;
        this.build = build;
        this.release = release;
        this.volumes = volumes;
        this.keys = new VolumeKeys(parts);
    }

    Map<String, Object> attach(Steps steps, BlockDevice asked) {
        String uuid = steps.instance();
        steps.step("check the volume");
        InstanceRecord made = build.record(uuid);
        Guest guest = release.changeable(uuid);
        InstanceSpec spec = with(parts.planner().read(made.spec()), asked);
        GuestPlan plan = parts.planner().plan(spec, made);
        PlannedVolume volume = plan.volumes().get(plan.volumes().size() - 1);
        String target = volume.target();
        plan.xml();
        parts.volumes().demand(volume);
        keys.demand(uuid, List.of(volume));
        boolean runs = GuestPower.active(guest);
        boolean live = runs && !has(volumes.live(uuid, target), volume);
        boolean persistent = !has(volumes.defined(uuid, target), volume);
        volumes.forgetUndo(steps, target);
        keys.open(steps, volume);
        steps.step("attach " + target, new Undo.RemoveVolume(target, volume.id()));
        if (live || persistent) {
            plug(uuid, placed(uuid, runs, volume.disk()), runs, live, persistent);
        }
        steps.step("remember " + target);
        parts.records().save(made.withSpec(parts.planner().write(spec)));
        return GuestVolumes.result(target, "live", runs);
    }

    /**
     * Attaches the disk of a volume that is placed already.
     *
     * @param runs whether the guest does
     */
    void plug(String uuid, DiskDefinition disk, boolean runs, boolean live, boolean persistent) {
        parts.hypervisor().attachDevice(uuid, DomainXml.write(threaded(uuid, runs, disk)), live, persistent);
    }

    /** The volume comes last; one that is known already is the same again. */
    private static InstanceSpec with(InstanceSpec was, BlockDevice asked) {
        List<BlockDevice> all = new ArrayList<>();
        for (BlockDevice one : was.blockDeviceInfo().volumes()) {
            boolean sameVolume = one.volumeId().isPresent() && one.volumeId().equals(asked.volumeId());
            boolean sameName = asked.deviceName() == null || asked.deviceName().equals(one.deviceName());
            if (sameVolume && !sameName) {
                throw new BridgeException(
                        ErrorCode.INVALID_REQUEST,
                        "volume " + asked.volumeId().orElse("") + " is attached to the guest as " + one.deviceName(),
                        "detach it first");
            }
            if (!sameVolume) {
                all.add(one);
            }
        }
        all.add(asked);
        return was.withVolumes(all);
    }

    /** @throws BridgeException INVALID_REQUEST when another disk has the name */
    private static boolean has(Optional<LiveDisk> found, PlannedVolume volume) {
        if (found.isPresent() && !Objects.equals(found.get().serial(), volume.id())) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "the guest has another disk as " + volume.target(),
                    "give the volume another name, or none");
        }
        return found.isPresent();
    }

    /** Behind the disks on its controller: what was detached leaves gaps (_get_scsi_controller_next_unit). */
    DiskDefinition placed(String uuid, boolean runs, DiskDefinition disk) {
        if (disk.address() == null) {
            return disk;
        }
        Stream<LiveDisk> there = Stream.concat(
                volumes.disks(uuid, true).stream(), runs ? volumes.disks(uuid, false).stream() : Stream.of());
        int next = there.map(LiveDisk::scsiUnit)
                        .filter(Objects::nonNull)
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(-1)
                + 1;
        return disk.at(new DriveAddress(disk.address().controller(), next));
    }

    /**
     * On I/O threads that the guest has already: none is made for a volume, and a guest without them was started
     * before the configuration had any. The next hard reboot gives the volume the thread of its place.
     */
    private DiskDefinition threaded(String uuid, boolean runs, DiskDefinition disk) {
        if (disk.tuning().ioThreads().isEmpty()) {
            return disk;
        }
        int there = ioThreads(uuid, true);
        if (runs) {
            there = Math.min(there, ioThreads(uuid, false));
        }
        int count = there;
        return disk.onThreads(
                count == 0
                        ? List.of()
                        : disk.tuning().ioThreads().stream()
                                .map(planned -> (planned - 1) % count + 1)
                                .distinct()
                                .toList());
    }

    private int ioThreads(String uuid, boolean inactive) {
        return DomainXml.read(parts.hypervisor().xml(uuid, inactive))
                .ioThreads()
                .count();
    }

    Map<String, Object> extend(Steps steps, String volume, long sizeBytes) {
        String uuid = steps.instance();
        steps.step("look for the volume");
        Guest guest = power.guest(uuid);
        String target = volumes.demand(uuid, volume);
        boolean runs = GuestPower.active(guest);
        if (runs) {
            steps.step("tell the guest that " + target + " has grown");
            parts.hypervisor().blockResize(uuid, target, sizeBytes);
        }
        return GuestVolumes.result(target, "told", runs);
    }
}
