package org.novabridge.driver.storage.lvm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.DefaultOptions;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.model.ErrorCode;
import org.novabridge.driver.storage.InstanceFiles;
import org.novabridge.driver.storage.Progress;

/** The configured volume group as an operator sees it: its health, its content, and giving it back to stock Nova. */
public final class VolumeGroups {
    private final CommandExecutor executor;
    private final LvmSettings settings;
    private final @Nullable ThinPoolSettings thin;
    private final boolean poolNeeded;
    private final LvmCommands commands;
    private final LvmReport report;
    private final StrayMappings mappings;
    private final BaseReader bases;

    /**
     * @param thin the pool that guests' disks are made in when it is there; null where they are thick
     * @param poolNeeded whether no disk can be made without it
     * @param instances whether this host has an instance, by its uuid
     */
    VolumeGroups(
            CommandExecutor executor,
            LvmSettings settings,
            @Nullable ThinPoolSettings thin,
            boolean poolNeeded,
            BaseReader bases,
            Predicate<String> instances) {
        this.executor = executor;
        this.settings = settings;
        this.thin = thin;
        this.poolNeeded = poolNeeded;
        this.bases = bases;
        this.commands = new LvmCommands(settings.alarmAfter());
        this.report = new LvmReport(executor, settings.alarmAfter());
        this.mappings = new StrayMappings(executor, settings.group(), instances);
    }

    /**
     * @throws BridgeException INVALID_CONFIGURATION when no volume group is configured
     */
    public static VolumeGroups of(ConfigSnapshot config, CommandExecutor executor) {
        LvmSettings settings = LvmSettings.of(config);
        String type = config.get(LibvirtOptions.IMAGES_LVM_TYPE);
        Path instances = Path.of(config.get(DefaultOptions.INSTANCES_PATH));
        return new VolumeGroups(
                executor,
                settings,
                type.equals("default") ? null : ThinPoolSettings.of(config, settings.group()),
                type.equals("thin"),
                BaseReader.of(config, executor),
                // Nova's names: beside the folder of an instance lies that of a resize which waits.
                uuid -> Stream.of(uuid, uuid + InstanceFiles.RESIZE)
                        .anyMatch(name -> Files.exists(instances.resolve(name))));
    }

    /** What is wrong or will be; empty when all is well. Changes nothing. */
    public List<VolumeGroupFinding> check() {
        Optional<VolumeGroup> group = report.group(settings.group());
        List<VolumeGroupFinding> findings = new ArrayList<>(VolumeGroupCheck.findings(
                settings.group(), group, report.volumes(settings.group()), report.physicalVolumes()));
        LvmConfiguration lvm = LvmConfiguration.ask(executor, settings);
        ScannedVolumes.finding(lvm, settings.group()).ifPresent(findings::add);
        findings.addAll(mappings.findings());
        List<ThinPool> pools = report.pools(settings.group());
        // Of a group that is not there, that it has no pool either is no news.
        if (thin != null
                && group.isPresent()
                && pools.stream().noneMatch(pool -> pool.name().equals(thin.name()))) {
            findings.add(withoutPool(thin.name()));
        }
        for (ThinPool pool : pools) {
            findings.addAll(ThinPoolCheck.findings(pool));
            if (thin != null && pool.name().equals(thin.name())) {
                PoolProfile profile = new PoolProfile(lvm.profiles(), settings.group(), thin.growth());
                findings.addAll(
                        new PoolGrowthCheck(thin.growth(), profile, lvm.monitoring()).findings(pool, profile.state()));
            }
        }
        return findings;
    }

    /**
     * Reads all bases of images again, which takes as long as reading them does, and compares them with their checksums.
     * Nothing is written; a base is active meanwhile, and stays so where its device does not answer.
     *
     * @throws BridgeException CANCELLED
     */
    public List<VolumeGroupFinding> checkBases(Progress progress) {
        return new BaseCheck(executor, settings, bases::checksum).findings(progress);
    }

    private VolumeGroupFinding withoutPool(String pool) {
        String remedy = "set [libvirt]images_lvm_type = thin, stop the bridge and run: nova-bridge vg init";
        return poolNeeded
                ? new VolumeGroupFinding(
                        VolumeGroupFinding.Severity.UNUSABLE,
                        "volume group " + settings.group() + " has no thin pool " + pool
                                + ", and with images_lvm_type = thin no disk can be made without it",
                        "stop the bridge and run: nova-bridge vg init; or name the pool in [libvirt]images_lvm_pool")
                : new VolumeGroupFinding(
                        VolumeGroupFinding.Severity.NOTE,
                        "images_lvm_type is auto and volume group " + settings.group() + " has no thin pool " + pool
                                + ", so disks are thick volumes; with auto, vg init makes no pool",
                        "nothing, where thick volumes are wanted; else " + remedy);
    }

    /**
     * What is in it. Changes nothing.
     *
     * @throws BridgeException VOLUME_GROUP_UNUSABLE when there is no such group
     */
    public VolumeGroupStatus status() {
        VolumeGroup now = group();
        return VolumeGroupStatus.of(
                now,
                new CleanGroup(settings, report).decide(now),
                report.volumes(settings.group()),
                report.pools(settings.group()),
                report.physicalVolumes(),
                mappings.find());
    }

    /**
     * The command lines that {@link #release} would run, and the wipes it would finish before. Changes nothing.
     *
     * @throws BridgeException VOLUMES_NOT_REMOVED where release would refuse: a resize or an image is not ended
     */
    public List<String> planRelease() {
        List<String> lines = new ArrayList<>();
        VolumeGroup group = group();
        demandNothingBegun();
        for (LogicalVolume volume : report.volumes(settings.group())) {
            if (volume.base()) {
                lines.add(commands.removeVolume(settings.group(), volume.name()).toString());
            } else if (volume.waitsForWipe() || volume.halfCopied()) {
                lines.add("wipe and " + commands.removeVolume(settings.group(), volume.name()));
            } else {
                volume.cleanTo()
                        .ifPresent(from ->
                                lines.add("zero " + settings.group() + "/" + volume.name() + " from byte " + from));
                ourTags(volume)
                        .forEach(tag -> lines.add(commands.removeTag(settings.group(), volume.name(), tag)
                                .toString()));
            }
        }
        List<String> ours = ours();
        if (!ours.isEmpty()) {
            lines.add(commands.removeTag(settings.group(), ours, LvmNames.OURS_TAG)
                    .toString());
        }
        ourTags(group)
                .forEach(tag ->
                        lines.add(commands.removeGroupTag(settings.group(), tag).toString()));
        return lines;
    }

    /**
     * Takes our tags and names off, so that stock Nova can go on with the group. Disks of guests stay as they are; base
     * images go, which no disk needs. What we owe is done first: interrupted wipes and growths. Two things still tell of
     * us: an encrypted disk keeps the tags that say how it was made, without which we could not open it after a way back,
     * and a thin pool its profile, by which it grows.
     *
     * @throws BridgeException VOLUMES_NOT_REMOVED when something we owe cannot be done, a resize waits for its
     *     confirmation, or the snapshot of an interrupted image is left; our tag stays then
     */
    public void release(Progress progress) {
        VolumeGroup group = group();
        demandNothingBegun();
        LockedGroup locked = new LockedGroup(executor, settings);
        RetiredVolumes retired = new RetiredVolumes(settings, commands, locked, new Eraser(executor, settings));
        List<String> left = new ArrayList<>(new SuspendedDevices(executor, settings.group()).resume());
        locked.loseClean("it is given back to stock Nova, which may remove disks without a wipe");
        left.addAll(retired.finishAll(progress));
        if (!left.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    "volume group " + group.name() + " was not released: " + String.join("; ", left),
                    "solve that and repeat: nova-bridge vg release");
        }
        for (LogicalVolume volume : report.volumes(settings.group())) {
            if (volume.base()) {
                retired.removeVolume(volume.name());
                continue;
            }
            for (String tag : ourTags(volume)) {
                locked.change(
                        commands.removeTag(settings.group(), volume.name(), tag),
                        "cannot untag " + group.name() + "/" + volume.name());
            }
        }
        List<String> ours = ours();
        if (!ours.isEmpty()) {
            locked.change(
                    commands.removeTag(settings.group(), ours, LvmNames.OURS_TAG),
                    "cannot untag the disks of guests in volume group " + group.name());
        }
        VolumeGroup now = group();
        for (String tag : ourTags(now)) {
            locked.change(commands.removeGroupTag(group.name(), tag), "cannot untag volume group " + group.name());
        }
    }

    /** The one that says it is clean goes first: whoever is stopped in between leaves less said, not more. */
    private static List<String> ourTags(VolumeGroup group) {
        return Stream.of(LvmNames.CLEAN_TAG, LvmNames.OURS_TAG)
                .filter(group.tags()::contains)
                .toList();
    }

    /**
     * What {@code nova-compute.conf} has to say when Nova's own driver goes on with the group, in its lines; comments say
     * what else. Changes nothing.
     */
    public List<String> settingsOfNova() {
        VolumeGroup group = group();
        return List.of(
                "[DEFAULT]",
                "compute_driver = libvirt.LibvirtDriver",
                "[libvirt]",
                "images_type = lvm",
                "images_volume_group = " + group.name(),
                "# Nova's sparse volumes are no thin ones, and lose their data when their 64 MiB are full:",
                "sparse_logical_volumes = False",
                "# Nova's new disks are thick volumes: " + group.free() + " bytes of " + group.name()
                        + " are free for them, outside of a thin pool.");
    }

    /**
     * Stock Nova would never find what is kept for a revert: whether it goes is not ours to say. The snapshot of an image
     * that was being made is removed by the next start of the bridge, with the rest of that operation.
     */
    private void demandNothingBegun() {
        List<LogicalVolume> volumes = report.volumes(settings.group());
        List<String> kept = names(volumes, LogicalVolume::kept);
        if (!kept.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    "volume group " + settings.group() + " was not released: resizes wait for their confirmation, and"
                            + " the disks as they were are kept in " + String.join(", ", kept),
                    "start the bridge and end each: nova-bridge instance resize-confirm UUID, or resize-revert UUID");
        }
        List<String> pictures = names(volumes, LogicalVolume::picture);
        if (!pictures.isEmpty()) {
            throw new BridgeException(
                    ErrorCode.VOLUMES_NOT_REMOVED,
                    "volume group " + settings.group() + " was not released: images of guests are being made, or"
                            + " were when the bridge ended, and snapshots of their disks are there: "
                            + String.join(", ", pictures),
                    "start the bridge once, which removes them; what is left then: nova-bridge reconcile --remove "
                            + pictures.get(0));
        }
    }

    private static List<String> names(List<LogicalVolume> volumes, Predicate<LogicalVolume> which) {
        return volumes.stream().filter(which).map(LogicalVolume::name).toList();
    }

    private static List<String> ourTags(LogicalVolume volume) {
        return volume.tags().stream()
                .filter(tag -> tag.startsWith(LvmNames.WAS_TAG) || tag.startsWith(LvmNames.CLEAN_TO_TAG))
                .toList();
    }

    /** What stays and says that we have made it: disks of guests, the pool. */
    private List<String> ours() {
        return report.volumes(settings.group()).stream()
                .filter(volume -> volume.tags().contains(LvmNames.OURS_TAG) && !LvmNames.reserved(volume.name()))
                .map(LogicalVolume::name)
                .toList();
    }

    private VolumeGroup group() {
        return report.group(settings.group()).orElseThrow(() -> LvmFailures.groupMissing(settings.group()));
    }
}
