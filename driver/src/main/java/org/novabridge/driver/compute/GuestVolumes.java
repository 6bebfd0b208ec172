package org.novabridge.driver.compute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.InstanceSpec;
import org.novabridge.driver.model.LiveDisk;
import org.novabridge.driver.xml.DomainXml;

/** Where a volume of a guest is known: in the running guest, in its definition, in its record. */
final class GuestVolumes {
    private final Parts parts;
    private final GuestPower power;

    GuestVolumes(Parts parts, GuestPower power) {
        this.parts = parts;
        this.power = power;
    }

    /** The disk of that name that the running guest has; empty when it does not run. */
    Optional<LiveDisk> live(String uuid, String target) {
        return power.runs(uuid) ? disk(uuid, target, false) : Optional.empty();
    }

    /** The one in its stored definition. */
    Optional<LiveDisk> defined(String uuid, String target) {
        return disk(uuid, target, true);
    }

    private Optional<LiveDisk> disk(String uuid, String target, boolean inactive) {
        return disks(uuid, inactive).stream()
                .filter(disk -> disk.target().equals(target))
                .findFirst();
    }

    List<LiveDisk> disks(String uuid, boolean inactive) {
        return DomainXml.read(parts.hypervisor().xml(uuid, inactive)).disks();
    }

    /** Whether a disk is the volume, as far as both have an id. */
    static boolean same(LiveDisk disk, @Nullable String volume) {
        return volume == null || disk.serial() == null || volume.equals(disk.serial());
    }

    /** The name of a volume in the guest, by what is recorded of it, else by what it runs with or would run with. */
    Optional<String> target(String uuid, String volume) {
        Optional<String> recorded = recorded(uuid).stream()
                .filter(one -> one.volumeId().equals(Optional.of(volume)))
                .map(BlockDevice::deviceName)
                .filter(Objects::nonNull)
                .map(GuestVolumes::strip)
                .findFirst();
        return recorded.or(() -> {
            List<LiveDisk> all = new ArrayList<>(disks(uuid, false));
            all.addAll(disks(uuid, true));
            return all.stream()
                    .filter(disk -> volume.equals(disk.serial()))
                    .map(LiveDisk::target)
                    .findFirst();
        });
    }

    /** @throws BridgeException VOLUME_NOT_FOUND when the guest has none of that id, or none is given */
    String demand(String uuid, @Nullable String volume) {
        return Optional.ofNullable(volume)
                .flatMap(id -> target(uuid, id))
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.VOLUME_NOT_FOUND, "guest " + uuid + " has no volume " + volume, null));
    }

    /** What operations before this one would do about the device is of no use any more. */
    void forgetUndo(Steps steps, String target) {
        parts.operations()
                .forget(
                        steps,
                        undo -> undo instanceof Undo.OfVolume other
                                && other.target().equals(target));
    }

    /** What is answered: the device in the guest, and one thing about it. */
    static Map<String, Object> result(String target, String word, boolean value) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("device", "/dev/" + target);
        result.put(word, value);
        return result;
    }

    private List<BlockDevice> recorded(String uuid) {
        return parts.records()
                .find(uuid)
                .map(made -> parts.planner().read(made.spec()).blockDeviceInfo().volumes())
                .orElse(List.of());
    }

    /** Writes down that the instance has no such volume any more. */
    void forget(String uuid, String target, @Nullable String volume) {
        parts.records().find(uuid).ifPresent(made -> {
            InstanceSpec spec = parts.planner().read(made.spec());
            List<BlockDevice> left = spec.blockDeviceInfo().volumes().stream()
                    .filter(one -> !is(one, target, volume))
                    .toList();
            if (left.size() < spec.blockDeviceInfo().volumes().size()) {
                parts.records().save(made.withSpec(parts.planner().write(spec.withVolumes(left))));
            }
        });
    }

    static boolean is(BlockDevice volume, String target, @Nullable String id) {
        String name = volume.deviceName();
        boolean named = name != null && strip(name).equals(target);
        boolean known = id == null
                || volume.volumeId().isEmpty()
                || volume.volumeId().get().equals(id);
        return name == null ? id != null && volume.volumeId().equals(Optional.of(id)) : named && known;
    }

    /** Without a leading {@code /dev/}. */
    static String strip(String device) {
        return device.startsWith("/dev/") ? device.substring("/dev/".length()) : device;
    }
}
