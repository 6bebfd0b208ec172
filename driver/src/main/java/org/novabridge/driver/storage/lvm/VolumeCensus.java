package org.novabridge.driver.storage.lvm;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.novabridge.conf.ConfigSnapshot;
import org.novabridge.conf.LibvirtOptions;
import org.novabridge.driver.exec.CommandExecutor;
import org.novabridge.driver.model.BridgeException;
import org.novabridge.driver.storage.Progress;

/**
 * All volumes of the configured group, each with what it is and whether it is ours, for who compares them with what knows
 * them; and the removal of one that nothing knows. Ours are those with one of our names or tags: every volume that we make
 * for a guest's disk has a tag from its first moment on.
 */
public final class VolumeCensus {
    private final LockedGroup group;
    private final LvmCommands commands;
    private final RetiredVolumes retired;
    private final Cryptsetup cryptsetup;
    private final BaseAging bases;

    /** What a volume is by its name. */
    public enum Role {
        /** A disk of an instance. */
        DISK,
        /** What such a disk was before a resize, whole or half copied. */
        KEPT,
        /** A picture that an operation has taken of a disk. */
        SNAPSHOT,
        /** An image that thin disks are snapshots of, whole or half filled. */
        BASE,
        /** A deleted disk that is to be wiped. */
        WIPE,
        /** Something else. */
        OTHER
    }

    /**
     * A volume.
     *
     * @param name without the group's
     * @param subject uuid of the instance, id of the operation of a snapshot; empty for the rest
     * @param disk Nova's name of the disk; empty for what is none
     * @param ours made by us, by its name or its tags
     * @param size bytes
     * @param inUse somebody holds it open, has it as its origin, wipes it now, or, of a base, an instance has its image
     */
    public record Volume(String name, Role role, String subject, String disk, boolean ours, long size, boolean inUse) {}

    VolumeCensus(CommandExecutor executor, LvmSettings settings, BaseAging bases) {
        this.group = new LockedGroup(executor, settings);
        this.commands = new LvmCommands(settings.alarmAfter());
        this.retired = new RetiredVolumes(settings, commands, group, new Eraser(executor, settings));
        this.cryptsetup = new Cryptsetup(executor, settings.alarmAfter());
        this.bases = bases;
    }

    /** Empty when no volume group is configured. */
    public static Optional<VolumeCensus> of(ConfigSnapshot config, CommandExecutor executor) {
        if (config.find(LibvirtOptions.IMAGES_VOLUME_GROUP).isEmpty()) {
            return Optional.empty();
        }
        return BaseAging.of(config, executor).map(bases -> new VolumeCensus(executor, LvmSettings.of(config), bases));
    }

    /** Name of the group. */
    public String group() {
        return group.name();
    }

    /**
     * Looks; thin pools are left out, and hidden volumes. Changes nothing.
     *
     * @param imagesInUse files in the cache ({@link org.novabridge.driver.storage.CachedImage#base}) of the images of all
     *     instances of this host
     * @throws BridgeException VOLUME_GROUP_UNUSABLE when there is no such group; STORAGE_FAILED
     */
    public List<Volume> take(Set<Path> imagesInUse) {
        List<LogicalVolume> volumes = group.report().volumes(group.name());
        if (volumes.isEmpty() && group.report().group(group.name()).isEmpty()) {
            throw LvmFailures.groupMissing(group.name());
        }
        Set<String> used = new HashSet<>();
        if (volumes.stream().anyMatch(LogicalVolume::base)) {
            imagesInUse.forEach(image -> used.add(LvmNames.base(image)));
            used.addAll(group.report().origins(group.name()));
        }
        return volumes.stream()
                .filter(volume -> !volume.thinPool())
                .map(volume -> counted(volume, used))
                .toList();
    }

    private Volume counted(LogicalVolume volume, Set<String> usedBases) {
        String name = volume.name();
        Role role = LvmNames.role(name);
        String below = LvmNames.below(name);
        return new Volume(
                name,
                role,
                role == Role.SNAPSHOT ? below : LvmNames.instance(below).orElse(""),
                LvmNames.instance(below).isPresent() ? LvmNames.disk(below) : "",
                volume.ours(),
                volume.size(),
                switch (role) {
                    case WIPE -> WipeClaim.held(group.name(), name);
                    case BASE ->
                        volume.active()
                                || usedBases.contains(LvmNames.baseOfFill(name))
                                || usedBases.contains(LvmNames.imageOf(name));
                    default -> volume.open();
                });
    }

    /**
     * Removes one as a delete would: what lies on it is closed, it is wiped as configured, a base goes only while nobody
     * needs it. One that is gone is success.
     *
     * @throws BridgeException VOLUMES_NOT_REMOVED when somebody holds it
     */
    public void remove(Volume volume, Progress progress) {
        switch (volume.role()) {
            case DISK -> {
                cryptsetup.close(volume.name());
                retired.remove(volume.name(), progress);
            }
            case KEPT -> retired.remove(volume.name(), progress);
            case SNAPSHOT ->
                new VolumeSnapshots(
                                group,
                                commands,
                                retired,
                                (disk, bytes) -> PictureClaim.take(group.name(), disk.pool(), bytes))
                        .remove(volume.subject(), progress);
            case BASE -> bases.removeNow(volume.name());
            case WIPE -> retired.finish(volume.name(), progress);
            default -> throw new IllegalArgumentException("not ours: " + volume.name());
        }
    }

    /**
     * Finishes a wipe that waits. It may take long.
     *
     * @throws BridgeException VOLUMES_NOT_REMOVED when it cannot be done now, or somebody else is at it
     */
    public void finishWipe(String volume, Progress progress) {
        retired.finish(volume, progress);
    }
}
