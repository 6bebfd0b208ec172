package org.novabridge.driver.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.driver.model.BlockDevice;
import org.novabridge.driver.model.BlockDeviceInfo;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.DiskAttribute;
import org.novabridge.driver.model.DiskRole;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.model.Flavor;
import org.novabridge.driver.model.RescueSpec;

/** One run over the disks of one guest; holds the names given so far. */
final class DiskPlacing {
    /** What Nova formats when a block device asks for it (driver.py 26.2.2, is_supported_fs_format). */
    private static final Set<String> FILE_SYSTEMS = Set.of("ext2", "ext3", "ext4", "xfs");

    private static final Set<String> DEVICE_TYPES = Set.of("disk", "cdrom", "floppy", "lun");

    private static final String RESCUE_DISK = "disk.rescue";

    /** Where a disk was put. */
    private record Place(
            Decision<String> type,
            Decision<String> bus,
            Decision<String> target,
            Decision<Integer> boot,
            @Nullable String guestFormat) {
        String dev() {
            return target.get();
        }
    }

    private final DiskContext context;
    private final BlockDeviceInfo info;
    private final Decision<String> diskBus;
    private final Decision<String> cdromBus;
    /** What Nova calls the mapping: places by disk name, in the order they were given. */
    private final Map<String, Place> places = new LinkedHashMap<>();

    private final Map<String, BlockDevice> blockDevices = new LinkedHashMap<>();
    private final Set<String> preAssigned = new LinkedHashSet<>();
    private @Nullable Place root;
    /** Index of the volume the guest boots from: it has its place before the others, and keeps it. */
    private int bootVolume = -1;

    DiskPlacing(DiskContext context) {
        this.context = context;
        this.info = context.spec().blockDeviceInfo();
        this.diskBus = DiskSetRule.BUS.forDeviceType(context, "disk");
        this.cdromBus = DiskSetRule.BUS.forDeviceType(context, "cdrom");
    }

    DiskSetRule.DiskSet run() {
        RescueSpec rescue = context.spec().rescue();
        if (rescue != null && !rescue.stable()) {
            return finish(placeRescued());
        }
        info.image().forEach(this::preAssign);
        info.ephemerals().forEach(this::preAssign);
        if (info.swap() != null) {
            preAssign(info.swap());
        }
        info.volumes().forEach(this::preAssign);
        Place rootPlace = placeRoot();
        placeFlavorEphemeral();
        for (int i = 0; i < info.ephemerals().size(); i++) {
            put("disk.eph" + i, info.ephemerals().get(i), diskBus, preAssigned);
        }
        placeSwap();
        placeVolumes(rootPlace, index -> !comes(index));
        placeConfigDrive("disk.config");
        placeVolumes(rootPlace, this::comes);
        if (rescue != null) {
            placeRescueDisk(rescue);
        }
        return finish(rootPlace);
    }

    private void placeVolumes(Place rootPlace, IntPredicate these) {
        IntStream.range(0, info.volumes().size()).filter(these).forEach(i -> {
            BlockDevice volume = info.volumes().get(i);
            Place place = placed(i == bootVolume ? keeping(volume, rootPlace) : volume, null, preAssigned);
            String key = "/dev/" + place.dev();
            places.put(key, place);
            if (blockDevices.put(key, volume) != null) {
                throw twice(place.dev());
            }
        });
    }

    /**
     * Whether a volume comes to a guest that is there: its name is the first that no disk of the guest has, its config drive
     * neither (nova/virt/libvirt/driver.py 26.2.2, get_device_name_for_instance).
     */
    private boolean comes(int index) {
        String name = info.volumes().get(index).deviceName();
        return context.launched() && index != bootVolume && (name == null || name.isEmpty());
    }

    /** The rescue disk in the place of the root disk. */
    private Place placeRescued() {
        Place rescue = nextDisk("The guest is rescued: it boots from this disk.");
        places.put(RESCUE_DISK, rescue);
        places.put("disk", nextDisk("The guest is rescued: its root disk is the second one."));
        placeConfigDrive("disk.config.rescue");
        return rescue;
    }

    private Place nextDisk(String sentence) {
        Decision<String> target = DiskSetRule.TARGET.next(context, diskBus.get(), given(Set.of()));
        return new Place(
                Decision.of("disk", sentence, Origins.rule("rescue")),
                diskBus,
                target,
                DiskSetRule.BOOT.rescued(),
                null);
    }

    /** The rescue disk behind all others. */
    private void placeRescueDisk(RescueSpec rescue) {
        String asked =
                ImageProperties.of(rescue.imageMeta()).find(RescueSpec.DEVICE).orElse(null);
        if (asked != null && !DEVICE_TYPES.contains(asked)) {
            throw new BridgeException(
                    ErrorCode.UNSUPPORTED_RESCUE_DEVICE,
                    "the property " + RescueSpec.DEVICE + "=" + Quoted.text(asked)
                            + " of the rescue image is no device that a guest is rescued from",
                    "use one of cdrom, disk, floppy, lun");
        }
        Decision<String> type = asked == null
                ? Decision.of("disk", "The rescue image asks for no other type.", Origins.rule("default"))
                : Decision.of(asked, "The rescue image asks for this type.", Origins.imageProperty(RescueSpec.DEVICE));
        Decision<String> bus = DiskSetRule.BUS.forRescueDisk(context, rescue, type.get());
        Decision<String> target = DiskSetRule.TARGET.next(context, bus.get(), given(Set.of()));
        places.put(RESCUE_DISK, new Place(type, bus, target, DiskSetRule.BOOT.stableRescue(), null));
    }

    private void preAssign(BlockDevice device) {
        String name = TargetDeviceRule.strip(device.deviceName());
        if (name != null && !name.isEmpty()) {
            preAssigned.add(name);
        }
    }

    private Place placeRoot() {
        BlockDevice image = info.image().isEmpty() ? null : info.image().get(0);
        for (int i = 0; image == null && bootVolume < 0 && i < info.volumes().size(); i++) {
            bootVolume = Integer.valueOf(0).equals(info.volumes().get(i).bootIndex()) ? i : -1;
        }
        BlockDevice volume = bootVolume < 0 ? null : info.volumes().get(bootVolume);
        BlockDevice rootDevice = image != null ? image : volume;
        String rootName = TargetDeviceRule.strip(info.rootDeviceName());
        Place place;
        if (rootDevice == null) {
            boolean iso = "iso".equals(context.spec().imageMeta().diskFormat());
            Decision<String> bus = iso ? cdromBus : diskBus;
            Decision<String> type = iso
                    ? Decision.of("cdrom", "An iso image is a CD-ROM.", Origins.image("disk_format"))
                    : Decision.of("disk", "The root disk is a disk.", Origins.rule("default"));
            Decision<String> target = rootName == null || rootName.isEmpty()
                    ? DiskSetRule.TARGET.next(context, bus.get(), Set.of())
                    : DiskSetRule.TARGET.kept(bus.get(), rootName);
            place = new Place(type, bus, target, DiskSetRule.BOOT.imageRoot(), null);
        } else {
            BlockDevice named = rootDevice.deviceName() == null && rootName != null
                    ? new BlockDevice(
                            rootName,
                            rootDevice.diskBus(),
                            rootDevice.deviceType(),
                            rootDevice.guestFormat(),
                            rootDevice.size(),
                            rootDevice.bootIndex(),
                            rootDevice.connectionInfo())
                    : rootDevice;
            place = placed(named, diskBus, Set.of());
        }
        root = place;
        if (image != null || rootDevice == null) {
            places.put("disk", place);
            if (image != null) {
                blockDevices.put("disk", image);
            }
        }
        return place;
    }

    private void placeFlavorEphemeral() {
        if (context.spec().instance().ephemeralGb() <= 0 || !info.ephemerals().isEmpty()) {
            return;
        }
        Decision<String> target = DiskSetRule.TARGET.next(context, diskBus.get(), given(Set.of()));
        if (!ownedByBlockDevice(target.get())) {
            places.put("disk.local", flavorDisk(target, "The flavor has an ephemeral disk.", "ephemeral_gb"));
        }
    }

    private void placeSwap() {
        BlockDevice swap = info.swap();
        Flavor flavor = context.spec().instance().flavor();
        if (swap != null && swap.size() > 0) {
            // Nova does not keep swap off the names that volumes were given before; nor do we.
            put("disk.swap", swap, diskBus, Set.of());
        } else if (flavor.swapMb() > 0) {
            Decision<String> target = DiskSetRule.TARGET.next(context, diskBus.get(), given(preAssigned));
            if (!ownedByBlockDevice(target.get())) {
                places.put("disk.swap", flavorDisk(target, "The flavor has a swap disk.", "swap"));
            }
        }
    }

    private Place flavorDisk(Decision<String> target, String sentence, String field) {
        return new Place(
                Decision.of("disk", sentence, Origins.flavor(field)), diskBus, target, DiskSetRule.BOOT.none(), null);
    }

    private void placeConfigDrive(String name) {
        if (!configDriveRequired()) {
            return;
        }
        boolean vfat = context.config().get(DefaultOptions.CONFIG_DRIVE_FORMAT).equals("vfat");
        Decision<String> type = Decision.of(
                vfat ? "disk" : "cdrom",
                vfat ? "A vfat config drive is a disk." : "An iso9660 config drive is a CD-ROM.",
                Origins.option(context.config(), DefaultOptions.CONFIG_DRIVE_FORMAT));
        Decision<String> bus = DiskSetRule.BUS.forDeviceType(context, type.get());
        Decision<String> target = DiskSetRule.TARGET.next(context, bus.get(), given(Set.of()));
        places.put(name, new Place(type, bus, target, DiskSetRule.BOOT.none(), null));
    }

    private boolean configDriveRequired() {
        // force_config_drive is for guests not launched yet: a launched one has its disks recorded.
        return !context.spec().instance().configDrive().isEmpty()
                || (context.config().get(DefaultOptions.FORCE_CONFIG_DRIVE) && !context.launched())
                || "mandatory".equals(context.imageProperty("img_config_drive"))
                || context.recorded("disk.config").isPresent();
    }

    private void put(String name, BlockDevice device, Decision<String> bus, Set<String> reserved) {
        places.put(name, placed(device, bus, reserved));
        blockDevices.put(name, device);
    }

    private Place placed(BlockDevice device, @Nullable Decision<String> fallbackBus, Set<String> reserved) {
        String asked = device.deviceType();
        Decision<String> type = asked != null && DEVICE_TYPES.contains(asked)
                ? Decision.of(asked, "The block device asks for this type.", Origins.blockDevice("device_type"))
                : Decision.of("disk", "The block device asks for no other type.", Origins.rule("default"));
        Decision<String> bus = DiskSetRule.BUS.forBlockDevice(context, device, type.get(), fallbackBus);
        String name = device.deviceName();
        Decision<String> target = name != null && !name.isEmpty()
                ? DiskSetRule.TARGET.kept(bus.get(), name)
                : DiskSetRule.TARGET.next(context, bus.get(), given(reserved));
        return new Place(type, bus, target, DiskSetRule.BOOT.blockDevice(device), device.guestFormat());
    }

    /** blockinfo.update_bdm: what was chosen for the root device is written into it. */
    private static BlockDevice keeping(BlockDevice volume, Place place) {
        return volume.placed(
                "/dev/" + place.dev(), place.bus().get(), place.type().get());
    }

    /** Names in use, with those reserved. */
    private Set<String> given(Set<String> reserved) {
        Set<String> names = new LinkedHashSet<>(reserved);
        if (root != null) {
            names.add(root.dev());
        }
        places.values().forEach(p -> names.add(p.dev()));
        return names;
    }

    /** nova.block_device.volume_in_mapping: the name belongs to a volume, a usable swap or an ephemeral. */
    private boolean ownedByBlockDevice(String dev) {
        BlockDevice swap = info.swap();
        return info.volumes().stream().anyMatch(v -> dev.equals(TargetDeviceRule.strip(v.deviceName())))
                || (swap != null && swap.size() > 0 && dev.equals(TargetDeviceRule.strip(swap.deviceName())))
                || places.entrySet().stream()
                        .anyMatch(e -> e.getKey().startsWith("disk.eph")
                                && e.getValue().dev().equals(dev));
    }

    /** libvirt would refuse the document; here nothing has been made yet. */
    private static BridgeException twice(String dev) {
        return new BridgeException(
                ErrorCode.INVALID_REQUEST,
                "two disks of the guest have the device name '" + dev + "'",
                "give one of the block devices another name, or none");
    }

    private DiskSetRule.DiskSet finish(Place rootPlace) {
        Set<String> names = new LinkedHashSet<>();
        places.values().forEach(place -> {
            if (!names.add(place.dev())) {
                throw twice(place.dev());
            }
        });
        List<String> document = new ArrayList<>();
        places.keySet().stream().filter(n -> !n.startsWith("/dev/")).forEach(document::add);
        places.keySet().stream().filter(n -> n.startsWith("/dev/")).forEach(document::add);
        RescueSpec rescue = context.spec().rescue();
        if (rescue != null && rescue.stable()) {
            document.remove(RESCUE_DISK);
            document.add(RESCUE_DISK);
        }
        List<DiskDraft> drafts = new ArrayList<>();
        Map<String, String> updates = new LinkedHashMap<>();
        List<BootOrderRule.Booted> booted = new ArrayList<>();
        for (String name : document) {
            Place place = place(name);
            DiskDraft draft = new DiskDraft(role(name), name, blockDevices.get(name));
            draft.decide(id(), DiskAttribute.DEVICE, place.type());
            draft.decide(DiskSetRule.BUS.id(), DiskAttribute.BUS, place.bus());
            draft.decide(DiskSetRule.TARGET.id(), DiskAttribute.TARGET, place.target());
            draft.decide(DiskSetRule.BOOT.id(), DiskAttribute.BOOT, place.boot());
            draft.decide(id(), DiskAttribute.FILESYSTEM, fileSystem(name, place));
            drafts.add(draft);
            updates.put("device:" + name, "/dev/" + place.dev());
        }
        // Nova sorts in the order of the mapping, in which the config drive comes after the volumes.
        places.forEach((name, place) -> {
            Integer index = place.boot().value();
            if (index != null && !name.equals(RESCUE_DISK)) {
                booted.add(new BootOrderRule.Booted(place.type().get(), index));
            }
        });
        updates.put("root_device_name", "/dev/" + rootPlace.dev());
        if (places.containsKey("disk.local")) {
            updates.put(
                    "default_ephemeral_device", "/dev/" + place("disk.local").dev());
        }
        if (places.containsKey("disk.swap")) {
            updates.put("default_swap_device", "/dev/" + place("disk.swap").dev());
        }
        return new DiskSetRule.DiskSet(
                drafts, "/dev/" + rootPlace.dev(), diskBus.get(), cdromBus.get(), booted, updates);
    }

    private Place place(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new IllegalStateException(name + " was not placed");
        }
        return place;
    }

    private static String id() {
        return DiskPolicy.DISK_SET.id();
    }

    private static Decision<String> fileSystem(String name, Place place) {
        if (role(name) != DiskRole.EPHEMERAL) {
            return Decision.of(
                    null, "Only ephemeral disks are formatted by file system name.", Origins.rule("default"));
        }
        if (place.guestFormat() != null && !FILE_SYSTEMS.contains(place.guestFormat())) {
            throw new BridgeException(
                    ErrorCode.INVALID_REQUEST,
                    "guest_format '" + Quoted.text(place.guestFormat()) + "' of " + name + " is not supported",
                    "use one of ext2, ext3, ext4, xfs, or none");
        }
        return place.guestFormat() == null
                ? Decision.of(
                        null,
                        "No file system is asked for: default_ephemeral_format or the OS type decides.",
                        Origins.blockDevice("guest_format"))
                : Decision.of(
                        place.guestFormat(),
                        "The block device asks for this file system.",
                        Origins.blockDevice("guest_format"));
    }

    private static DiskRole role(String name) {
        return switch (name) {
            case "disk" -> DiskRole.ROOT;
            case "disk.swap" -> DiskRole.SWAP;
            case "disk.config", "disk.config.rescue" -> DiskRole.CONFIG_DRIVE;
            case RESCUE_DISK -> DiskRole.RESCUE;
            default -> name.startsWith("/dev/") ? DiskRole.VOLUME : DiskRole.EPHEMERAL;
        };
    }
}
