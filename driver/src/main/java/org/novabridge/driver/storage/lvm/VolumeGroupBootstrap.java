package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.Progress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the volume group from the devices of {@code [libvirt]images_lvm_devices}, and its thin pool where
 * {@code images_lvm_type} is thin (with auto it makes none, and sets right one that it has made before): looks at all devices, refuses when one is not free, and takes back
 * every step when a later one fails. Repeating it on a group that it made changes nothing, makes the pool that is
 * not there yet, or sets right what is not as the options say.
 */
public final class VolumeGroupBootstrap {
    /** What LVM takes when it is not told (lvm.conf, physical_extent_size and default_data_alignment). */
    private static final long EXTENT = 4L << 20;

    private static final long DATA_ALIGNMENT = 1L << 20;
    private static final Logger LOG = LoggerFactory.getLogger(VolumeGroupBootstrap.class);

    private final CommandExecutor executor;
    private final LvmSettings settings;
    private final @Nullable ThinPoolBootstrap pool;
    private final @Nullable FreeSpaceWipe wipe;
    private final List<Path> devices;
    private final LvmCommands commands;
    private final LvmReport report;
    private final DeviceProbe probe;

    /**
     * What {@code vg init} would do.
     *
     * @param commandLines in order, and what is written; empty when the group, and the thin pool if one is wanted, are
     *     there already as they should be
     * @param advice what the operator should know, no obstacle
     */
    public record Plan(String group, List<String> commandLines, List<String> advice) {
        public Plan {
            commandLines = List.copyOf(commandLines);
            advice = List.copyOf(advice);
        }

        /** The group exists and is made of these devices. */
        public boolean done() {
            return commandLines.isEmpty();
        }
    }

    VolumeGroupBootstrap(
            CommandExecutor executor,
            LvmSettings settings,
            @Nullable ThinPoolBootstrap pool,
            @Nullable FreeSpaceWipe wipe,
            List<Path> devices,
            DeviceProbe probe) {
        this.executor = executor;
        this.settings = settings;
        this.pool = pool;
        this.wipe = wipe;
        this.devices = List.copyOf(devices);
        this.commands = new LvmCommands(settings.alarmAfter());
        this.report = new LvmReport(executor, settings.alarmAfter());
        this.probe = probe;
    }

    /**
     * @throws BridgeException INVALID_CONFIGURATION when the group or its devices are not named
     */
    public static VolumeGroupBootstrap of(ConfigSnapshot config, CommandExecutor executor) {
        return of(config, executor, null);
    }

    /**
     * The same, and zeroes are written to all that is free in the group, so that disks made in it need none.
     *
     * @throws BridgeException INVALID_CONFIGURATION also when the options make that useless
     */
    public static VolumeGroupBootstrap wiping(ConfigSnapshot config, CommandExecutor executor, Progress progress) {
        return of(config, executor, FreeSpaceWipe.of(config, executor, progress));
    }

    private static VolumeGroupBootstrap of(
            ConfigSnapshot config, CommandExecutor executor, @Nullable FreeSpaceWipe wipe) {
        LvmSettings settings = LvmSettings.of(config);
        List<Path> devices = new ArrayList<>();
        for (String text : config.find(LibvirtOptions.IMAGES_LVM_DEVICES).orElse(List.of())) {
            Path device = text.indexOf('\0') >= 0 ? Path.of("") : Path.of(text);
            if (!device.isAbsolute() || !device.equals(device.normalize())) {
                throw new BridgeException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "[libvirt]images_lvm_devices ("
                                + config.resolve(LibvirtOptions.IMAGES_LVM_DEVICES)
                                        .origin()
                                        .describe()
                                + "): \"" + text + "\" is no absolute path",
                        "name devices as in: images_lvm_devices = /dev/disk/by-id/nvme-one, /dev/disk/by-id/nvme-two");
            }
            devices.add(device);
        }
        LvmReport report = new LvmReport(executor, settings.alarmAfter());
        String type = config.get(LibvirtOptions.IMAGES_LVM_TYPE);
        ThinPoolBootstrap pool = type.equals("default")
                ? null
                : new ThinPoolBootstrap(
                        executor, settings, ThinPoolSettings.of(config, settings.group()), type.equals("thin"));
        return new VolumeGroupBootstrap(executor, settings, pool, wipe, devices, new DeviceProbe(executor, report));
    }

    /**
     * Looks at everything and changes nothing.
     *
     * @throws BridgeException VOLUME_GROUP_UNUSABLE with every reason why it cannot be done
     */
    public Plan plan() {
        Look look = look();
        return plan(look, steps(look));
    }

    /** Makes the group, or does nothing when it is there; gives what was done. */
    public Plan apply() {
        Look look = look();
        List<BootstrapStep> steps = steps(look);
        Plan plan = plan(look, steps);
        if (plan.done()) {
            return plan;
        }
        List<BootstrapStep> begun = new ArrayList<>();
        try {
            for (BootstrapStep step : steps) {
                begun.add(step);
                step.work().run();
            }
            verify();
            return plan;
        } catch (BridgeException e) {
            throw undone(begun, e);
        }
    }

    private record Look(Optional<VolumeGroup> group, List<DeviceFacts> facts) {}

    private Look look() {
        Optional<VolumeGroup> group = report.group(settings.group());
        if (devices.isEmpty() && group.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "[libvirt]images_lvm_devices names no device, so volume group " + settings.group()
                            + " cannot be made",
                    "name the devices: images_lvm_devices = /dev/disk/by-id/…; lsblk shows what there is");
        }
        return new Look(group, probe.look(devices));
    }

    private Plan plan(Look look, List<BootstrapStep> steps) {
        List<String> advice = DeviceRules.advice(look.facts());
        if (look.group().isPresent()) {
            refuseOtherGroup(look.group().get(), look.facts());
            return new Plan(settings.group(), lines(steps), advice);
        }
        List<String> refusals = DeviceRules.refusals(look.facts());
        if (!refusals.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "volume group " + settings.group() + " was not made, and nothing was changed: "
                            + String.join("; ", refusals),
                    "name other devices in [libvirt]images_lvm_devices, or free these");
        }
        return new Plan(settings.group(), lines(steps), advice);
    }

    private static List<String> lines(List<BootstrapStep> steps) {
        return steps.stream().map(BootstrapStep::text).toList();
    }

    private void refuseOtherGroup(VolumeGroup group, List<DeviceFacts> facts) {
        if (!group.ours()) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "volume group " + group.name()
                            + " exists already and was not made by nova-bridge; nothing was changed",
                    "nova-bridge can use it as it is, without vg init; or give images_volume_group another name");
        }
        List<String> outside = facts.stream()
                .filter(device -> !group.name().equals(device.group()))
                .map(device -> device.path().toString())
                .toList();
        if (!outside.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.VOLUME_GROUP_UNUSABLE,
                    "volume group " + group.name() + " exists, and " + String.join(", ", outside)
                            + " is not in it; nothing was changed",
                    "add a device by hand: pvcreate --metadatasize " + LvmCommands.METADATA_SIZE + " DEVICE; vgextend "
                            + group.name() + " DEVICE");
        }
    }

    private List<BootstrapStep> steps(Look look) {
        List<BootstrapStep> steps = new ArrayList<>();
        if (look.group().isEmpty()) {
            for (Path device : devices) {
                steps.add(BootstrapStep.of(
                        executor,
                        commands.createPhysicalVolume(device),
                        "cannot initialise " + device,
                        commands.removePhysicalVolume(device),
                        () -> "".equals(probe.look(List.of(device)).get(0).group())));
            }
            steps.add(BootstrapStep.of(
                    executor,
                    commands.createGroup(settings.group(), devices),
                    "cannot make volume group " + settings.group(),
                    commands.removeGroup(settings.group()),
                    () -> report.group(settings.group())
                            .filter(VolumeGroup::ours)
                            .isPresent()));
        }
        if (pool != null) {
            steps.addAll(
                    look.group().isPresent()
                            ? pool.steps(look.group().get())
                            : pool.steps(sizeToBe(look.facts()), EXTENT));
        }
        if (wipe != null) {
            steps.addAll(wipe.steps(look.group()));
        }
        return steps;
    }

    /** Bytes of the group to be: whole extents behind the metadata of each device. */
    private static long sizeToBe(List<DeviceFacts> facts) {
        return facts.stream()
                .mapToLong(device ->
                        Math.max(0, device.size() - LvmCommands.METADATA_BYTES - DATA_ALIGNMENT) / EXTENT * EXTENT)
                .sum();
    }

    /** LVM's exit says that it was made; this asks whether it is what was wanted. */
    private void verify() {
        VolumeGroup group = report.group(settings.group())
                .orElseThrow(() -> new BridgeException(
                        ErrorCode.STORAGE_FAILED,
                        "LVM said that volume group " + settings.group() + " was made, and does not find it",
                        "does lvm.conf or the devices file hide its devices (lvmdevices, global_filter)?"));
        if (!group.ours() || group.missingDevices() > 0) {
            throw new BridgeException(
                    ErrorCode.STORAGE_FAILED,
                    "volume group " + group.name() + " is not as it was made: "
                            + (group.ours()
                                    ? "it misses " + group.missingDevices() + " of its devices"
                                    : "it has lost the tag " + LvmNames.OURS_TAG),
                    "see what it is (vgs -o +vg_tags,vg_missing_pv_count " + group.name()
                            + "), and whether somebody else changes it");
        }
        if (pool != null) {
            pool.verify();
        }
        if (wipe != null) {
            wipe.verify(group);
        }
    }

    private BridgeException undone(List<BootstrapStep> begun, BridgeException why) {
        List<String> left = new ArrayList<>();
        for (int i = begun.size() - 1; i >= 0; i--) {
            BootstrapStep step = begun.get(i);
            try {
                if (step.happened().getAsBoolean()) {
                    step.undo().run();
                }
            } catch (BridgeException e) {
                LOG.error("{}", e.getMessage());
                why.addSuppressed(e);
                left.add(step.undoText());
            }
        }
        String state = left.isEmpty() ? "everything was taken back" : "not everything could be taken back";
        String remedy = left.isEmpty() ? why.remedy() : "run: " + String.join("; ", left);
        return new BridgeException(why.code(), why.getMessage() + "; " + state, remedy, why);
    }
}
